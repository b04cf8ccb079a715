import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { ensureImages } from "../../machine/images";
import { HandRunMongo, HandRunTraefik } from "./hand-run";
import { Clone, type Run } from "./clone";
import { DockerCli, lines } from "./engine";
import { NamedStack } from "./named-stack";
import { Site, until } from "./site";

// Servers that others run: first by hand, then by another stack.
const docker = new DockerCli();
const engine = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
const lab = process.env["IMAGES"] === "lab";
const backend = mkdtempSync(join(tmpdir(), "rocketchat-shared-"));
const borrowers = new Clone("borrowers", {
  PULUMI_BACKEND_URL: `file://${backend}`,
  PULUMI_CONFIG_PASSPHRASE: "a test's own",
});

interface Images {
  rocketchat: string;
  mongo: string;
  traefik: string;
  busybox: string;
  mongoVersion: string;
}
let images: Images;

/** The images that stand in here, or those of the tracked settings. */
async function imagesHere(): Promise<Images> {
  const standIns = await ensureImages(engine);
  if (standIns !== undefined) return { ...standIns, mongoVersion: "6.0.5" };
  const { config } = parse(readFileSync("Pulumi.local.yaml", "utf8")) as {
    config: Record<string, string & { version: string }>;
  };
  const version = (group: string) => config[`rocketchat:${group}`]!.version;
  return {
    rocketchat: `rocketchat/rocket.chat:${version("rocketchat")}`,
    mongo: `mongo:${version("mongo")}`,
    traefik: `traefik:v${version("ingress")}`,
    busybox: String(config["rocketchat:helperImage"]),
    mongoVersion: version("mongo"),
  };
}

/** What the borrowers here have in common. */
function borrower(prefix: string, hostname: string, mongo: object, ingress: object): Record<string, unknown> {
  return {
    "rocketchat:engine": engine,
    "rocketchat:hostname": hostname,
    "rocketchat:prefix": prefix,
    "rocketchat:helperImage": images.busybox,
    "rocketchat:rocketchat": { version: "8.8.1", image: images.rocketchat, bypassMongoValidation: lab },
    "rocketchat:mongo": {
      mode: "existing",
      version: images.mongoVersion,
      image: images.mongo,
      ...mongo,
    },
    "rocketchat:ingress": { mode: "existing", ...ingress },
  };
}

/** Asks again and again while something happens, and tells what did not end well. */
async function failuresDuring(site: Site, work: () => Promise<unknown>, atLeast = 20): Promise<string[]> {
  const failures: string[] = [];
  let asked = 0;
  let over = false;
  const ask = async () => {
    while (!over) {
      asked++;
      try {
        const { status } = await site.request("GET", "/api/info");
        if (status !== 200) failures.push(String(status));
      } catch (error) {
        failures.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const asking = [ask(), ask()];
  try {
    await work();
  } finally {
    over = true;
    await Promise.all(asking);
  }
  expect(asked).toBeGreaterThanOrEqual(atLeast);
  return failures;
}

const answers = (site: Site) =>
  until(`${site.hostname} answers`, () => site.json<{ success: boolean }>("GET", "/api/info"));

async function succeed(run: Promise<Run>): Promise<Run> {
  const done = await run;
  expect(done.status, done.output).toBe(0);
  return done;
}

beforeAll(async () => {
  images = await imagesHere();
});

afterAll(() => {
  for (const name of docker.containers("its-")) docker.run("rm", "--force", "--volumes", name);
  for (const name of docker.networks("its-")) docker.run("network", "rm", name);
  docker.forget("its-");
  docker.shell(images.busybox, "rm -rf /opt/its-*", "--volume", "/opt:/opt");
  borrowers.remove();
  rmSync(backend, { recursive: true });
});

describe("on servers that a person runs by hand", () => {
  const stack = new NamedStack(borrowers, "hand");
  const hostname = "hand.localhost";
  const chat = "its-c-rocketchat";
  let mongo: HandRunMongo;
  let traefik: HandRunTraefik;
  let site: Site;
  let before: string;

  const adminPassword = () => stack.pulumi("stack", "output", "adminPassword", "--show-secrets");
  const dynamic = () => lines(traefik.host("ls -1 dynamic"));

  beforeAll(async () => {
    docker.run("network", "create", "its-h-data");
    docker.run("network", "create", "its-h-edge");
    mongo = new HandRunMongo("its-h-mongo", "its-h-data", "hand0", images.mongo);
    traefik = new HandRunTraefik("its-h-traefik", "its-h-edge", 29443, images);
    await mongo.start();
    mongo.asAdmin(`
      const theirs = db.getSiblingDB("neighbour");
      theirs.things.insertMany([{ a: 1 }, { a: 2 }]);
      theirs.createUser({ user: "neighbour", pwd: "x", roles: ["readWrite"] });
      db.getSiblingDB("taken").things.insertOne({ a: 1 });
      db.getSiblingDB("admin").createUser({ user: "clerk", pwd: "of the clerk", roles: ["readWriteAnyDatabase"] })`);
    await traefik.start([hostname]);
    site = new Site(hostname, 0, 29443, traefik.root);

    await stack.make(
      borrower(
        "its-c-",
        hostname,
        {
          network: "its-h-data",
          hostname: "its-h-mongo",
          replicaSet: "hand0",
          admin: mongo.admin,
          database: "chat",
        },
        {
          render: "file",
          network: "its-h-edge",
          address: `its-h-traefik:${traefik.insidePort}`,
          httpsPort: 29443,
          entryPoints: "secure",
          dynamicDirectory: "/opt/its-h-traefik/dynamic",
          drain: "2 seconds",
        },
      ),
    );
    await stack.setSecret("rocketchat:mongoAdminPassword", mongo.password);
    before = mongo.fingerprint("chat");
  });

  describe("what does not fit is refused before anything is changed", () => {
    /** The one line, and that nothing was made. */
    async function refusal(...changes: [path: string[], value: unknown][]): Promise<string> {
      const file = join(borrowers.directory, "Pulumi.hand.yaml");
      const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
      const valueAt = (path: string[]) =>
        path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], config);
      const undo = changes.map(([path]): [string[], unknown] => [path, valueAt(path)]);
      stack.configure(...changes);
      const run = await stack.up().finally(() => stack.configure(...undo));
      if (run.status === 0) throw new Error(`was not refused\n${run.output}`);

      expect(run.status, run.output).not.toBe(0);
      expect(docker.containers("its-c-")).toEqual([]);
      expect(
        lines(docker.shell(images.busybox, "ls -d /opt/its-c-* || true", "--volume", "/opt:/opt")),
      ).toEqual([]);
      expect(mongo.fingerprint("")).toBe(untouched);
      expect(dynamic()).toEqual(files);
      return (
        run.output
          .split("\n")
          .find((line) => / must .*\(got .*\); /.test(line))
          ?.trim() ?? run.output
      );
    }
    let untouched: string;
    let files: string[];
    beforeAll(async () => {
      const alone = new HandRunMongo("its-h-alone", "its-h-data", "none", images.mongo);
      await alone.startAlone();
      const inward = new HandRunMongo("its-h-inward", "its-h-data", "hand1", images.mongo);
      await inward.start("127.0.0.1:27017");
      traefik.host("printf '%s\\n' 'http: {}' > dynamic/its-x-rocketchat.yml");
      untouched = mongo.fingerprint("");
      files = dynamic();
    });
    afterAll(() => {
      docker.run("rm", "--force", "--volumes", "its-h-alone", "its-h-inward");
      traefik.host("rm dynamic/its-x-rocketchat.yml");
    });

    const set = (key: string) => ["rocketchat:mongo", key];
    const door = (key: string) => ["rocketchat:ingress", key];

    it.each<[string, [string[], unknown][], string]>([
      [
        "a network that is not there",
        [[set("network"), "its-h-nowhere"]],
        "mongo.network: must be a network of the engine (got its-h-nowhere",
      ],
      [
        "a name that nobody has there",
        [[set("hostname"), "its-h-nobody"]],
        "mongo.hostname: must be a member on the network its-h-data (got its-h-nobody, which does not resolve there on port 27017); ",
      ],
      [
        "a server without a replica set",
        [[set("hostname"), "its-h-alone"]],
        "mongo.replicaSet: must be a replica set, which Rocket.Chat needs for transactions (got a server without one at its-h-alone); ",
      ],
      [
        "a set of another name",
        [[set("replicaSet"), "rs0"]],
        "mongo.replicaSet: must be the set's own name, hand0 (got rs0); set mongo.replicaSet to hand0",
      ],
      [
        "a set whose members cannot be reached by the names it announces",
        [
          [set("hostname"), "its-h-inward"],
          [set("replicaSet"), "hand1"],
        ],
        "mongo.network: every member that the set announces must answer there (got 127.0.0.1:27017, which does not answer on its-h-data); ",
      ],
      [
        "a password that does not fit",
        [[set("admin"), "clerk"]],
        "mongoAdminPassword: must log in as clerk in the database admin (got AuthenticationFailed); ",
      ],
      [
        "a database that holds somebody's data",
        [[set("database"), "taken"]],
        "mongo.database: must be empty or this workspace's own (got taken with 1 collections such as things); choose another mongo.database",
      ],
      [
        "a database that has somebody's user",
        [[set("database"), "neighbour"]],
        "mongo.database: must be empty or this workspace's own (got neighbour with the user neighbour, 1 collections such as things); ",
      ],
      [
        "a Traefik that does not answer",
        [[door("address"), "its-h-traefik:444"]],
        "ingress.address: must answer on the network its-h-edge (got its-h-traefik:444, connect ECONNREFUSED ",
      ],
      [
        "a directory that is not there",
        [[door("dynamicDirectory"), "/opt/its-h-traefik/dynamics"]],
        "ingress.dynamicDirectory: must be the directory that Traefik's file provider watches (got /opt/its-h-traefik/dynamics, which is not there); ",
      ],
      [
        "somebody else's file by the route's name",
        [[["rocketchat:prefix"], "its-x-"]],
        "ingress.dynamicDirectory: must hold no its-x-rocketchat.yml of anybody else (got one without this workspace's mark); ",
      ],
    ])("%s", async (_what, changes, line) => {
      expect(await refusal(...changes)).toContain(line);
    });

    it("an administrator whose rights do not do", async () => {
      await stack.setSecret("rocketchat:mongoAdminPassword", "of the clerk");
      const line = await refusal([set("admin"), "clerk"]);
      await stack.setSecret("rocketchat:mongoAdminPassword", mongo.password);

      expect(line).toContain(
        "mongo.admin: must be allowed to make rocketchat (got clerk, which lacks createUser on chat",
      );
    });

    it.runIf(lab)("a MongoDB that this Rocket.Chat does not support", async () => {
      const line = await refusal(
        [["rocketchat:rocketchat", "bypassMongoValidation"], false],
        [set("version"), "8.0.20"],
      );
      expect(line).toContain(
        "mongo.hostname: must run MongoDB 8.0 for Rocket.Chat 8.8.1 (got 6.0.5 at its-h-mongo); ",
      );
    });
  });

  describe.each(["file", "labels"] as const)("with the route as %s", (render) => {
    beforeAll(async () => {
      const file = render === "file";
      stack.configure(
        [["rocketchat:ingress", "render"], render],
        [["rocketchat:ingress", "dynamicDirectory"], file ? "/opt/its-h-traefik/dynamic" : undefined],
        [["rocketchat:ingress", "drain"], file ? "2 seconds" : undefined],
      );
      await succeed(stack.up());
    });

    it("answers at its front door, over HTTPS with Traefik's own certificate", async () => {
      expect(await site.json("GET", "/api/info")).toMatchObject({ success: true });
      const { headers } = await site.request("GET", "/");
      expect(headers["strict-transport-security"]).toBe("max-age=63072000");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["x-powered-by"]).toBeUndefined();
      expect(await site.ddp()).toEqual({ msg: "connected" });
    });

    it("takes a login, a message and a file", async () => {
      const admin = await site.login("admin", await adminPassword());
      await admin.post(`by ${render}`);
      expect(await admin.messages()).toContain(`by ${render}`);
      const bytes = Buffer.alloc(3_000_000, render);
      expect((await admin.download(await admin.upload("three.bin", bytes))).equals(bytes)).toBe(true);
    });

    it("changes nothing a second time", async () => {
      const id = docker.id(chat);
      expect((await succeed(stack.up())).output).toMatch(/Resources:\n\s+\d+ unchanged\n/);
      await stack.pulumi("preview", "--refresh", "--expect-no-changes");
      expect(docker.id(chat)).toBe(id);
    });

    it("is one file of Traefik's directory, or none", () => {
      const own = render === "file" ? ["its-c-rocketchat.yml"] : [];
      expect(dynamic()).toEqual(["cert.pem", "his-own.yml", ...own, "key.pem"]);
      expect(traefik.host("stat -c '%u:%g %a' dynamic")).toBe("1234:1234 750");
      if (own.length > 0) expect(traefik.host(`stat -c '%u:%g %a' dynamic/${own[0]}`)).toBe("1234:1234 644");
    });

    // Labels make no such promise.
    if (render === "file")
      it("holds requests that come while Rocket.Chat is away", async () => {
        await succeed(borrowers.run("docker", ["stop", chat]));
        const failures = await failuresDuring(
          site,
          async () => {
            await succeed(borrowers.run("docker", ["start", chat]));
            await answers(site);
          },
          2,
        );
        expect(failures).toEqual([]);
      });

    if (render === "file")
      it("tells of a file of somebody's that does not load and of the lender's read timeout, and calls only the first a fault", async () => {
        const status = () => borrowers.npm("status", ["--stack", "hand"]);
        const broken = "/opt/its-h-traefik/dynamic/neighbour.yml";
        traefik.host("printf 'http: {routers: [' > dynamic/neighbour.yml");
        const [told, up] = [await status(), await stack.up()];
        traefik.host("rm dynamic/neighbour.yml");

        expect(told.status).toBe(1);
        expect(told.output).toContain(
          `${broken}: does not load (yaml: line 1: did not find expected node content); `,
        );
        expect(told.output).toContain(
          "got 60 seconds at the entry point secure of the container its-h-traefik",
        );
        expect(up.status, up.output).toBe(0);
        expect(up.output).toContain(
          `ingress.dynamicDirectory: must be a directory in which every file loads (got ${broken}: `,
        );
        const after = await status();
        expect(after.output).not.toContain("does not load");
        expect(after.output).not.toContain("could not be looked at");
        expect(after.status, after.output).toBe(0);
      });
  });

  it("asks where a name leads before the first certificate of a public authority, until --yes-dns", async () => {
    // A port that is taken: it is refused in any case, and nothing is ever asked of the authority.
    const taken = createServer().on("error", () => undefined);
    await new Promise((resolve) => taken.once("error", resolve).listen(443, () => resolve(undefined)));
    onTestFinished(() => void taken.close());
    const first = new NamedStack(borrowers, "dns");
    await first.make({
      ...borrower("its-n-", "chat.srv759970.hstgr.cloud", {}, {}),
      "rocketchat:mongo": { version: images.mongoVersion, image: images.mongo },
      "rocketchat:ingress": { version: "3.7.15", image: images.traefik },
    });
    const faults = async (...more: string[]) => {
      const { status, output } = await borrowers.npm("up", [
        "--stack",
        "dns",
        "--yes",
        "--skip-preview",
        ...more,
      ]);
      expect(status).not.toBe(0);
      expect(output).toMatch(/ingress\.httpsPort +must be free/);
      return /hostname +must lead to/.test(output);
    };
    expect(await faults()).toBe(true);
    expect(await faults("--yes-dns")).toBe(false);
    expect(docker.containers("its-n-")).toEqual([]);
  });

  it("leaves everything else on both servers as it was", () => {
    expect(mongo.fingerprint("chat")).toBe(before);
    expect(mongo.asAdmin(`EJSON.stringify(db.getSiblingDB("chat").getUsers().users)`)).toContain(
      '"customData":{"rocketchatWorkspace":"its-c-rocketchat"}',
    );
  });

  it("may not read what is the neighbour's", () => {
    const secret = docker.shell(
      images.busybox,
      "cat /opt/its-c-rocketchat/secrets/mongo-password",
      "--volume",
      "/opt:/opt:ro",
    );
    const uri = `mongodb://rocketchat:${secret}@its-h-mongo:27017/chat?replicaSet=hand0`;
    const expression = `try { db.getSiblingDB("neighbour").things.findOne(); print("read") } catch (e) { print(e.codeName) }`;
    const args = ["exec", "--env", "HOME=/tmp", "its-h-mongo", "mongosh", "--quiet", "--norc", uri];
    expect(docker.run(...args, "--eval", expression)).toBe("Unauthorized");
  });

  it("goes when it is taken down, and leaves its database with its mark for the next time", async () => {
    stack.configure(
      [["rocketchat:ingress", "render"], "file"],
      [["rocketchat:ingress", "dynamicDirectory"], "/opt/its-h-traefik/dynamic"],
    );
    await succeed(stack.up());
    await succeed(stack.down());

    expect(docker.containers("its-c-")).toEqual([]);
    expect(dynamic()).toEqual(["cert.pem", "his-own.yml", "key.pem"]);
    await succeed(stack.up());
    const admin = await site.login("admin", await adminPassword());
    expect(await admin.messages()).toContain("by labels");
    await succeed(stack.down());
    expect(mongo.fingerprint("chat")).toBe(before);
  });
});

describe("on the servers of another workspace", () => {
  const lender = new Clone("lender");
  const stack = new NamedStack(borrowers, "second");
  let ours: Site;
  let theirs: Site;

  const lenderPassword = () => lender.pulumi("stack", "output", "adminPassword", "--show-secrets");
  const borrowerPassword = () => stack.pulumi("stack", "output", "adminPassword", "--show-secrets");
  const secretOf = (file: string) =>
    docker.shell(images.busybox, `cat /opt/${file}`, "--volume", "/opt:/opt:ro");
  const all = () => [...docker.containers("its-a-"), ...docker.networks("its-a-")];
  const refused =
    /networks its-a-data its-a-edge: must have no user but this stack \(got its-b-rocketchat\); take those down first/;

  beforeAll(async () => {
    lender.setApart({ prefix: "its-a-", httpPort: 29080, httpsPort: 29444 });
    lender.configure([["rocketchat:ingress", "acme", "testCaHostnames"], "second.localhost"]);
    await succeed(lender.npm("up"));
    const root = readFileSync(join(lender.directory, ".state/local/test-ca-root.pem"), "utf8");
    ours = new Site("chat.localhost", 29080, 29444, root);
    theirs = new Site("second.localhost", 29080, 29444, root);

    await stack.make(
      borrower(
        "its-b-",
        "second.localhost",
        { network: "its-a-data", hostname: "its-a-mongodb-shared", database: "second", user: "second" },
        {
          render: "file",
          network: "its-a-edge",
          address: "its-a-traefik",
          httpsPort: 29444,
          certResolver: "acme",
          dynamicDirectory: "/opt/its-a-traefik/dynamic",
        },
      ),
    );
    await stack.setSecret(
      "rocketchat:mongoAdminPassword",
      secretOf("its-a-mongodb-shared/secrets/root-password"),
    );
  });

  afterAll(() => lender.remove());

  it("is refused the lender's own database", async () => {
    stack.configure([["rocketchat:mongo", "database"], "rocketchat"]);
    const run = await stack.up();
    stack.configure([["rocketchat:mongo", "database"], "second"]);

    expect(run.output).toContain(
      "(got rocketchat with the user rocketchat of the workspace its-a-rocketchat, ",
    );
    expect(docker.containers("its-b-")).toEqual([]);
  });

  it("runs beside the lender, each under its own name and certificate", async () => {
    await succeed(stack.up());

    for (const site of [ours, theirs]) expect(await answers(site)).toMatchObject({ success: true });
    await (await ours.login("admin", await lenderPassword())).post("of the lender");
    const session = await theirs.login("admin", await borrowerPassword());
    await session.post("of the borrower");
    expect(await session.messages()).not.toContain("of the lender");
    await stack.pulumi("preview", "--refresh", "--expect-no-changes");
    await lender.pulumi("preview", "--refresh", "--expect-no-changes");
  });

  it("neither lets the other's administrator in", async () => {
    await expect(theirs.login("admin", await lenderPassword())).rejects.toThrow("status 401");
    await expect(ours.login("admin", await borrowerPassword())).rejects.toThrow("status 401");
  });

  it.each([
    ["the borrower", "second", "its-b-rocketchat/secrets/mongo-password", "rocketchat"],
    ["the lender", "rocketchat", "its-a-rocketchat/secrets/mongo-password", "second"],
  ])("%s is unauthorized on the other's database", (_who, own, secret, other) => {
    const uri = `mongodb://${own}:${secretOf(secret)}@its-a-mongodb-shared:27017/${own}?replicaSet=rs0`;
    const tries = [
      `db.getSiblingDB("${other}").users.findOne()`,
      `db.getSiblingDB("${other}").x.insertOne({})`,
    ];
    const expression = tries
      .map((act) => `try { ${act}; print("done") } catch (e) { print(e.codeName) }`)
      .join("; ");
    const args = ["exec", "its-a-mongodb-shared", "mongosh", "--quiet", "--norc", uri, "--eval", expression];
    expect(lines(docker.run(...args))).toEqual(["Unauthorized", "Unauthorized"]);
  });

  it.each([
    ["npm run down", () => lender.npm("down")],
    ["pulumi destroy", () => lender.npm("pulumi", ["destroy", "--yes", "--skip-preview"])],
    [
      "up with a release that makes the networks anew",
      async () => {
        const file = join(lender.directory, "components/host/networks.ts");
        const text = readFileSync(file, "utf8");
        writeFileSync(file, text.replace('driver: "bridge"', 'driver: "bridge", attachable: true'));
        const run = await lender.npm("up");
        writeFileSync(file, text);
        return run;
      },
    ],
  ])("the lender keeps what is lent: %s is refused by name", async (_what, act) => {
    const before = all();
    let run!: Run;
    const failures = await failuresDuring(theirs, async () => (run = await act()));

    expect(run.status).not.toBe(0);
    expect(run.output).toMatch(refused);
    expect(all()).toEqual(before);
    expect(failures).toEqual([]);
    await lender.pulumi("preview", "--refresh", "--expect-no-changes");
  });

  it("outlives a new container of the lender's MongoDB", async () => {
    const id = docker.id("its-a-mongodb-shared");
    lender.configure([["rocketchat:mongo", "cacheSize"], "300 MiB"]);
    await succeed(lender.npm("up"));

    expect(docker.id("its-a-mongodb-shared")).not.toBe(id);
    const session = await until("the borrower takes a login", async () =>
      theirs.login("admin", await borrowerPassword()),
    );
    await until("the borrower takes a message", () => session.post("after the change"));
    expect(await session.messages()).toContain("of the borrower");
  });

  it("goes, and the lender fails no request meanwhile; then the lender may go", async () => {
    const failures = await failuresDuring(ours, () => succeed(stack.down()));

    expect(failures).toEqual([]);
    expect(docker.containers("its-b-")).toEqual([]);
    expect((await theirs.request("GET", "/api/info").catch(() => ({ status: 404 }))).status).toBe(404);
    await succeed(lender.npm("down"));
    expect(all()).toEqual([]);
  });
});
