import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Clone, type Run } from "./clone";
import { findings, type Inspected } from "./cis";
import { DockerCli, lines } from "./engine";
import { commandsOf, forStack } from "./operate";
import { type Session, Site, until } from "./site";
import { isStandIn } from "./stand-in";

// The life of one workspace, from nothing to nothing, as its operator lives it: the tests build on each other.
const apart = { prefix: "it-", httpPort: 28080, httpsPort: 28443, drain: "10 seconds" };
const chat = "it-rocketchat";
const mongo = "it-mongodb-shared";
const traefik = "it-traefik";
const acme = "/opt/it-traefik/acme";
const note = "/var/lib/rocketchat-places/local.it-rocketchat.tsv";
const containers = [chat, mongo, traefik, "it-test-ca"].sort();

const docker = new DockerCli();
/** As a newcomer has it. */
const clone = new Clone("stack", {}, { withoutPackages: true });
/** Where docs/operate.md makes its copies. */
const copies = mkdtempSync(join(tmpdir(), "rocketchat-copies-"));
let up: Run;
let site: Site;
let admin: Session;
let password: string;
let file: { path: string; hash: string };

const helperImage = () => settings()["rocketchat:helperImage"] as string;
const settings = () =>
  (
    parse(readFileSync(join(clone.directory, ".state/local/Pulumi.local.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    }
  ).config;
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const adminPassword = () => clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
const onHost = (directory: string, script: string) =>
  docker.shell(helperImage(), script, "--network", "none", "--volume", `${directory}:${directory}`);
const ids = () => Object.fromEntries(containers.map((name) => [name, docker.id(name)]));
const isBack = () =>
  until("the workspace answers", () => site.json<{ success: boolean }>("GET", "/api/info"));

async function changesOf(run: Promise<string>): Promise<Record<string, string>> {
  const { steps } = JSON.parse(await run) as { steps: { op: string; urn: string }[] };
  const changed = steps.filter(({ op }) => op !== "same" && op !== "read");
  return Object.fromEntries(
    changed.map(({ op, urn }) => [urn.split("::").slice(-2).join("::").split("$").at(-1)!, op]),
  );
}

/** Everything that must still be there: the login, the message and the file of the first day. */
async function expectEverythingKept(message: string): Promise<void> {
  await isBack();
  expect(await adminPassword()).toBe(password);
  admin = await site.login("admin", password);
  expect(await admin.messages()).toContain(message);
  expect(sha256(await admin.download(file.path))).toBe(file.hash);
}

beforeAll(async () => {
  clone.setApart(apart);
  up = await clone.npm("up");
  if (up.status !== 0) throw new Error(up.output);
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  password = await adminPassword();
});

afterAll(() => {
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  for (const name of docker.networks(apart.prefix)) docker.run("network", "rm", name);
  docker.forget(apart.prefix);
  const image = docker
    .run("images", "--format", "{{.Repository}}:{{.Tag}}")
    .split("\n")
    .find((name) => name.includes("busybox:"));
  docker.shell(
    image!,
    "rm -rf /opt/it-rocketchat /opt/it-mongodb-shared /opt/it-traefik",
    "--volume=/opt:/opt",
  );
  rmSync(copies, { recursive: true });
  clone.remove();
});

describe("from nothing to ready", () => {
  it("ends with what the operator does next, and leaves the working tree clean", () => {
    expect(up.output).toContain("address          https://chat.localhost:28443");
    expect(up.output).toContain("administrator    admin");
    expect(up.output).toContain("stack output adminPassword --show-secrets");
    expect(up.output).toContain("--cacert .state/local/test-ca-root.pem");
    expect(up.output).toContain("npm run down -- --delete-data");
    expect(up.output).not.toContain(password);
    expect(clone.changes()).toBe("");
  });

  it("prints an output and nothing else on standard output", async () => {
    expect((await clone.npm("pulumi", ["stack", "output", "url"])).stdout).toBe(
      "https://chat.localhost:28443\n",
    );
  });

  it("answers on HTTPS to whoever trusts the test CA's root, and redirects HTTP", async () => {
    expect(await site.json("GET", "/api/info")).toMatchObject({ success: true });
    const redirect = await site.plain("/channel/general");
    expect([redirect.status, redirect.headers.location]).toEqual([
      301,
      "https://chat.localhost:28443/channel/general",
    ]);
  });

  it("tells browsers to stay on HTTPS and not to guess types", async () => {
    const { headers } = await site.request("GET", "/");
    expect(headers["strict-transport-security"]).toBe("max-age=63072000");
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  it("speaks TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only", async () => {
    expect((await site.handshake()).protocol).toBe("TLSv1.3");
    expect((await site.handshake({ maxVersion: "TLSv1.2" })).cipher).toMatch(/^ECDHE-.*(GCM|POLY1305)/);
    await expect(site.handshake({ maxVersion: "TLSv1.1", minVersion: "TLSv1" })).rejects.toThrow();
    await expect(
      site.handshake({ maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" }),
    ).rejects.toThrow();
  });

  it("speaks the real-time protocol over wss", async () => {
    expect(await site.ddp()).toEqual({ msg: "connected" });
  });

  it("lets the administrator log in, post to #general and read it back", async () => {
    admin = await site.login("admin", password);
    await admin.post("the first message");
    expect(await admin.messages()).toContain("the first message");
  });

  it("takes a 20 MB file and gives it back, and keeps it under the uploads directory for the application alone", async () => {
    const bytes = randomBytes(20_000_000);
    file = { path: await admin.upload("photo.bin", bytes), hash: sha256(bytes) };

    expect(sha256(await admin.download(file.path))).toBe(file.hash);
    const uid = docker.run("exec", chat, "id", "-u");
    const found = lines(
      onHost(
        "/opt/it-rocketchat/uploads",
        "find /opt/it-rocketchat/uploads -type f -size +19000k -exec stat -c '%u' {} +",
      ),
    );
    expect(found).toEqual([uid]);
  });

  it.runIf(isStandIn)(
    "sets nothing that Rocket.Chat does not know, and nothing of a wrong type",
    async () => {
      expect(await site.json("GET", "/standin/report", { headers: admin.headers })).toEqual([]);
    },
  );
});

describe("what the application may do and who reaches what", () => {
  it("publishes the front door's ports and no others", () => {
    const published = docker
      .containers(apart.prefix)
      .map((name) => [name, docker.inspect(name, "{{json .HostConfig.PortBindings}}")]);
    const binding = (port: number) => [{ HostIp: "127.0.0.1", HostPort: String(port) }];
    expect(Object.fromEntries(published.map(([name, ports]) => [name, JSON.parse(ports!) ?? {}]))).toEqual({
      [chat]: {},
      [mongo]: {},
      "it-test-ca": {},
      [traefik]: { "28080/tcp": binding(28080), "28443/tcp": binding(28443) },
    });
  });

  it("lets neither the host nor the front door's network reach MongoDB", () => {
    const address = docker.inspect(mongo, '{{(index .NetworkSettings.Networks "it-data").IPAddress}}');
    // Who answers counts, not that something does: a gateway may answer for an address that leads nowhere.
    const answers = (host: string, network: string) => {
      const uri = `mongodb://${host}:27017/?directConnection=true&serverSelectionTimeoutMS=3000`;
      const ask = `mongosh --quiet '${uri}' --eval 'print(db.hello().setName)' 2>/dev/null || echo nobody`;
      return docker.shell(
        docker.inspect(mongo, "{{.Config.Image}}"),
        ask,
        "--network",
        network,
        "--entrypoint",
        "",
      );
    };
    // The same probe reaches it from its own network, or the rest would prove nothing.
    expect(answers(mongo, "it-data")).toBe("rs0");
    expect(answers(address, "host")).toBe("nobody");
    expect(answers(mongo, "it-edge")).toBe("nobody");
    expect(answers(address, "it-edge")).toBe("nobody");
  });

  it("passes the container checks of the CIS Docker Benchmark, but for what docs/security.md justifies", () => {
    const failed = docker.containers(apart.prefix).map((name) => {
      const [container] = JSON.parse(docker.run("inspect", name)) as [Inspected];
      return [name, Object.keys(findings(container))];
    });
    expect(Object.fromEntries(failed)).toEqual({
      [chat]: ["5.12 root file system read-only", "5.14 restarted on failure, five times at most"],
      [mongo]: ["5.14 restarted on failure, five times at most", "5.18 the engine's ulimits"],
      [traefik]: ["5.8 no published port", "5.14 restarted on failure, five times at most"],
      "it-test-ca": ["5.14 restarted on failure, five times at most", "4.6, 5.26 health checked"],
    });
  });

  it("gives the application its database and nothing else", () => {
    const asApplication = (script: string) => {
      const mongoPassword = onHost(
        "/opt/it-rocketchat/secrets",
        "cat /opt/it-rocketchat/secrets/mongo-password",
      );
      return docker.run(
        "exec",
        mongo,
        "mongosh",
        "--quiet",
        "rocketchat",
        "-u",
        "rocketchat",
        "-p",
        mongoPassword,
        "--eval",
        script,
      );
    };
    expect(
      asApplication(
        "print(db.runCommand({ connectionStatus: 1, showPrivileges: false }).authInfo.authenticatedUserRoles.map((r) => r.role + '@' + r.db).sort().join())",
      ),
    ).toBe("readWrite@rocketchat,restoring@rocketchat");
    const forbidden = [
      "db.getSiblingDB('admin').system.users.findOne()",
      "db.getSiblingDB('local').oplog.rs.findOne()",
      "db.getSiblingDB('config').transactions.findOne()",
      "db.getSiblingDB('other').things.findOne()",
      "db.getSiblingDB('other').things.insertOne({})",
      "db.adminCommand({ listDatabases: 1, authorizedDatabases: false })",
      "db.adminCommand({ shutdown: 1 })",
      "db.adminCommand({ replSetGetStatus: 1 })",
      "db.adminCommand({ replSetStepDown: 1 })",
      "db.adminCommand({ replSetReconfig: {}, force: true })",
      "db.adminCommand({ setParameter: 1, logLevel: 1 })",
      "db.createUser({ user: 'second', pwd: 'x', roles: [] })",
      "db.grantRolesToUser('rocketchat', [{ role: 'root', db: 'admin' }])",
    ];
    const answers = asApplication(
      forbidden.map((act) => `try { ${act}; print("done") } catch (e) { print(e.codeName) }`).join("\n"),
    );
    const told = forbidden.map((act, i) => [act, lines(answers)[i]]);
    expect(told).toEqual(forbidden.map((act) => [act, "Unauthorized"]));
  });

  it("gives each file of secrets to root or its reader alone", () => {
    const modes = (paths: string) => lines(onHost("/opt", `stat -c '%n %a %u' ${paths}`));
    const uid = docker.run("exec", chat, "id", "-u");
    const mongoUid = docker.run("exec", mongo, "id", "-u");
    expect(
      modes(
        "/opt/it-rocketchat/.env /opt/it-rocketchat/secrets /opt/it-rocketchat/secrets/admin-password /opt/it-mongodb-shared/secrets/keyfile",
      ),
    ).toEqual([
      `/opt/it-rocketchat/.env 600 ${uid}`,
      "/opt/it-rocketchat/secrets 700 0",
      "/opt/it-rocketchat/secrets/admin-password 400 0",
      `/opt/it-mongodb-shared/secrets/keyfile 400 ${mongoUid}`,
    ]);
  });
});

describe("a second time", () => {
  it("changes nothing", async () => {
    const before = ids();
    const again = await clone.npm("up");

    expect(again.status, again.output).toBe(0);
    expect(again.output).toMatch(/Resources:\n\s+\d+ unchanged\n/);
    expect(ids()).toEqual(before);
    expect(clone.changes()).toBe("");
  });

  it("finds neither a change of the program nor a drift of the engine", async () => {
    await clone.pulumi("preview", "--expect-no-changes");
    await clone.pulumi("refresh", "--preview-only", "--expect-no-changes");
  });
});

describe("docs/operate.md", () => {
  it.each(commandsOf(readFileSync("docs/operate.md", "utf8")))(
    "has a command that works: %s",
    async (command) => {
      const run = await clone.run("sh", ["-c", `cd ${copies}\n${forStack(command, apart.prefix)}`]);

      expect(run.status, run.output).toBe(0);
      await isBack();
    },
  );
});

describe("a service that hands have changed", () => {
  const route = "/opt/it-traefik/dynamic/it-rocketchat.yml";

  it("is not well, with every difference named, and is whole again after the next deployment, as that says", async () => {
    const before = ids();
    docker.run("rm", "--force", chat);
    docker.run("network", "disconnect", "it-edge", "it-test-ca");
    onHost("/opt/it-traefik", `rm ${route}`);
    const { status, output } = await clone.npm("status");
    expect(status).toBe(1);
    expect(output).toContain(`container ${chat}: is not there`);
    expect(output).toContain(
      "container it-test-ca: is not on the network it-edge; npm run up joins it again",
    );
    expect(output).toContain(`${route}: is not there; npm run up puts it back`);

    const up = await clone.npm("up");
    expect(up.status, up.output).toBe(0);
    expect(up.output).toContain("Rocket.Chat is up");
    expect((await site.request("GET", "/api/info")).status).toBe(200);
    const after = ids();
    expect(containers.filter((name) => after[name] !== before[name])).toEqual([chat]);
    await clone.pulumi("refresh", "--preview-only", "--expect-no-changes");
  });

  it("is not well while a file that somebody put beside its routes does not load", async () => {
    const dynamic = "/opt/it-traefik/dynamic";
    onHost(
      "/opt/it-traefik",
      `printf 'http:\\n  rooters: {}\\n' > ${dynamic}/his.yml; : > ${dynamic}/old.yml.bak`,
    );
    const { status, output } = await clone.npm("status");
    onHost("/opt/it-traefik", `rm ${dynamic}/his.yml ${dynamic}/old.yml.bak`);

    expect(status).toBe(1);
    expect(output).toContain(
      `${dynamic}/his.yml: does not load (field not found, node: rooters); while it is so, `,
    );
    expect(output).toContain(`${dynamic}/old.yml.bak: is not read by Traefik`);
    expect((await clone.npm("status")).output).not.toMatch(/does not load|could not be looked at/);
  });
});

describe("a script that changes", () => {
  it("runs again, and makes nothing look like a replacement", async () => {
    for (const script of ["helper.sh", "keep-secret.sh", "directory.sh"]) {
      appendFileSync(join(clone.directory, "scripts/host", script), "# another release\n");
    }
    const planned = await changesOf(clone.pulumi("preview", "--json"));
    expect(planned["command:local:Command::storage-uploads"]).toBe("update");
    expect(new Set(Object.values(planned))).toEqual(new Set(["update"]));
    await clone.run("git", ["checkout", "--quiet", "."]);
  });
});

describe("a setting that changes", () => {
  it("says beforehand what will change, changes just that, and fails no request meanwhile", async () => {
    clone.configure([["rocketchat:uploads", "maxSize"], "50 MiB"]);
    const planned = await changesOf(clone.pulumi("preview", "--json"));
    expect(planned).toEqual({
      "command:local:Command::rocketchat-env": "update",
      "command:local:Command::rocketchat-route": "update",
      "docker:index/container:Container::rocketchat": "replace",
      "command:local:Command::rocketchat-pids": "update",
      "command:local:Command::rocketchat-gate": "update",
    });

    const before = ids();
    const traffic = new Traffic(site);
    const changed = await traffic.during(() => clone.npm("up"));
    expect(changed.status, changed.output).toBe(0);

    const after = ids();
    expect(containers.filter((name) => after[name] !== before[name])).toEqual([chat]);
    expect(traffic.failures).toEqual([]);
    expect(traffic.quick).toBeGreaterThanOrEqual(100);
    // Requests in flight ended on the old server, held ones on the new one.
    // A real one has nothing that takes long enough to be seen on both servers.
    if (isStandIn) expect(traffic.boots.size).toBe(2);
    const shown = await site.json<{ settings: { _id: string; value: unknown }[] }>(
      "GET",
      "/api/v1/settings.public?count=1000",
    );
    expect(shown.settings.find(({ _id }) => _id === "FileUpload_MaxFileSize")?.value).toBe(50 * 1024 * 1024);
  });

  it("refuses wrong settings all at once, by key, rule, value and fix, and touches nothing", async () => {
    const before = ids();
    clone.configure(
      [["rocketchat:uploads", "maxSize"], "1 KiB"],
      [["rocketchat:mongo", "cachSize"], "1 GiB"],
    );
    const refused = await clone.npm("up");
    clone.configure(
      [["rocketchat:uploads", "maxSize"], "50 MiB"],
      [["rocketchat:mongo", "cachSize"], undefined],
    );

    expect(refused.status).not.toBe(0);
    expect(refused.output).toContain("2 problems in the settings");
    expect(refused.output).toMatch(/uploads\.maxSize\s+must be at least 1 MiB \(got "?1 KiB"?\); \S/);
    expect(refused.output).toMatch(/mongo\.cachSize\s+is not a setting .*did you mean mongo\.cacheSize/);
    expect(ids()).toEqual(before);
  });
});

describe("what dies comes back by itself, with every acknowledged message", () => {
  it("Rocket.Chat, restarted: requests are held meanwhile", async () => {
    await admin.post("before the restart");
    docker.run("stop", chat);
    const asked = Array.from({ length: 5 }, () => site.request("GET", "/api/info"));
    expect((await clone.run("docker", ["start", chat])).status).toBe(0);
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(await admin.messages()).toContain("before the restart");
  });

  it("MongoDB, killed right after it acknowledged a message", async () => {
    await admin.post("before mongod died");
    docker.crash(mongo, helperImage());
    await until("the message is read again", async () =>
      expect(await admin.messages()).toContain("before mongod died"),
    );
    await until("a message is taken again", () => admin.post("after mongod died"));
    expect(await admin.messages()).toContain("after mongod died");
  });

  it("Traefik, killed: it keeps its certificate, for itself alone", async () => {
    const { serial } = await site.handshake();
    docker.crash(traefik, helperImage());
    await isBack();
    expect((await site.handshake()).serial).toBe(serial);
    expect(onHost(acme, `stat -c '%a %u' ${acme}/acme-chat.localhost.json`)).toBe("600 65532");
  });

  it("and nothing is left to repair for the next deployment", async () => {
    await until("every container is healthy", async () => {
      const states = [chat, mongo, traefik].map((name) => docker.inspect(name, "{{.State.Health.Status}}"));
      await Promise.resolve(expect(states).toEqual(["healthy", "healthy", "healthy"]));
    });
    await clone.pulumi("refresh", "--preview-only", "--expect-no-changes");
  });
});

describe("another prefix", () => {
  it("is refused: an empty service would begin beside the data", async () => {
    const before = ids();
    clone.configure([["rocketchat:prefix"], "it-other-"]);
    const refused = await clone.npm("up");
    clone.configure([["rocketchat:prefix"], apart.prefix]);

    expect(refused.status).toBe(1);
    expect(refused.output).toContain(
      'prefix: must stay "it-", the one of the service that runs (got "it-other-"); nothing was changed; set it back',
    );
    expect(ids()).toEqual(before);
    expect(docker.containers("it-other-")).toEqual([]);
  });
});

describe("taken down", () => {
  const uploads = (directory?: string) => clone.configure([["rocketchat:uploads", "directory"], directory]);
  const onEngine = () => [...docker.containers(apart.prefix), ...docker.networks(apart.prefix)];

  it("keeps the data and its secrets, refuses settings that leave them behind, and comes back with them", async () => {
    const down = await clone.npm("down");
    expect(down.status, down.output).toBe(0);
    expect(onEngine()).toEqual([]);

    uploads("/opt/it-rocketchat/elsewhere/files");
    clone.configure([["rocketchat:mongo", "database"], "other"]);
    const refused = await clone.npm("up");
    expect(refused.status).toBe(1);
    expect(refused.output).toMatch(
      /mongo\.database +must stay "rocketchat", on which the workspace ran last \(got "other"\); set it back, or /,
    );
    expect(refused.output).toMatch(
      /uploads\.directory +must stay where the data are \(got \/opt\/it-rocketchat\/elsewhere\/files, while \/opt\/it-rocketchat\/uploads holds them\); set it back; or move them: npm run down, /,
    );
    expect(onEngine()).toEqual([]);
    expect(onHost("/opt/it-rocketchat", "ls /opt/it-rocketchat")).not.toContain("elsewhere");

    uploads(undefined);
    clone.configure([["rocketchat:mongo", "database"], undefined]);
    await clone.succeed("up");
    await expectEverythingKept("the first message");
  });

  it("comes back with them also when the state is lost, and a directory was moved with its setting", async () => {
    await clone.succeed("down");
    onHost("/opt/it-rocketchat", "cd /opt/it-rocketchat && mv uploads files");
    rmSync(join(clone.directory, ".state"), { recursive: true });
    uploads("/opt/it-rocketchat/files");

    await clone.succeed("up");
    await expectEverythingKept("the first message");
    await clone.pulumi("preview", "--expect-no-changes");
  });

  it("deletes nothing without the stack's name", async () => {
    const before = ids();
    const refused = await clone.npm("down", ["--delete-data"], "prod\n");
    expect(refused.status).toBe(1);
    expect(refused.output).toContain('wants the stack\'s name local (got "prod"); nothing was touched');
    expect(ids()).toEqual(before);
  });

  it("with it, removes everything it made and nothing else", async () => {
    const image = helperImage();
    onHost("/opt/it-rocketchat", "echo mine > /opt/it-rocketchat/notes");
    const deleted = await clone.npm("down", ["--delete-data"], "local\n");

    expect(deleted.status, deleted.output).toBe(0);
    expect(docker.containers(apart.prefix)).toEqual([]);
    expect(docker.networks(apart.prefix)).toEqual([]);
    const left = docker.shell(
      image,
      `find /opt/it-* ${note} ${note.replace(".tsv", ".database.tsv")} 2>/dev/null || true`,
      "--volume=/opt:/opt:ro",
      "--volume=/var/lib:/var/lib:ro",
    );
    expect(lines(left)).toEqual(["/opt/it-rocketchat", "/opt/it-rocketchat/notes"]);
    expect(deleted.output).toContain("/opt/it-rocketchat is kept: it holds something else");
    expect(clone.changes()).toBe("");
  });
});

/** Users at work: short requests all the time, and one of five seconds started every second. */
class Traffic {
  readonly failures: string[] = [];
  readonly boots = new Set<string>();
  quick = 0;

  constructor(private readonly site: Site) {}

  async during<T>(work: () => Promise<T>): Promise<T> {
    const running: Promise<void>[] = [];
    const ask = (path: string, seen: (body: string) => void) =>
      running.push(
        this.site.request("GET", path).then(
          ({ status, body }) =>
            status === 200 ? seen(body.toString()) : void this.failures.push(`${path}: ${status}`),
          (error: unknown) => void this.failures.push(`${path}: ${String(error)}`),
        ),
      );
    const quick = setInterval(() => ask("/api/info", () => (this.quick += 1)), 150);
    const slow = setInterval(
      () =>
        isStandIn &&
        ask("/standin/slow?ms=5000", (body) =>
          this.boots.add((JSON.parse(body) as { bootId: string }).bootId),
        ),
      1000,
    );
    try {
      return await work();
    } finally {
      clearInterval(quick);
      clearInterval(slow);
      await Promise.all(running);
    }
  }
}
