import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseComposeEnv } from "../../commands/adopt/compose-env";
import { PlainSite, startByHand } from "./old-workspace";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { type Session, Site, until } from "./site";

const docker = new DockerCli();
const bytes = randomBytes(300_000);
const clones: Clone[] = [];

function labImages() {
  const all = docker.run("images", "--format", "{{.Repository}}:{{.Tag}}").split("\n");
  const of = (name: string) => all.find((image) => image.startsWith(`lab/${name}:`))!;
  return { mongo: of("mongo"), rocketchat: of("rocketchat"), busybox: of("busybox") };
}

function cloneFor(prefix: string, ports: { httpPort: number; httpsPort: number }): Clone {
  const clone = new Clone("adopt");
  clone.setApart({ prefix, ...ports });
  clones.push(clone);
  return clone;
}

function cleanUp(prefix: string): void {
  for (const name of docker.containers(prefix)) docker.run("rm", "--force", "--volumes", name);
  for (const name of docker.networks(prefix)) docker.run("network", "rm", name);
  docker.forget(prefix);
  for (const name of readdirSync("/opt").filter((entry) => entry.startsWith(prefix)))
    rmSync(join("/opt", name), { recursive: true, force: true });
}

const newSite = (clone: Clone, ports: { httpPort: number; httpsPort: number }) =>
  new Site(
    "chat.localhost",
    ports.httpPort,
    ports.httpsPort,
    readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8"),
  );

/** Starts a command in a process group of its own and kills the whole group as soon as the condition holds. */
async function killedWhen(
  clone: Clone,
  command: string[],
  input: string,
  holds: () => boolean,
): Promise<void> {
  const child: ChildProcess = spawn("npm", ["run", "--silent", ...command], {
    cwd: clone.directory,
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin!.on("error", () => undefined); // it ended without reading; its status says why
  child.stdin!.end(input);
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  try {
    for (const deadline = Date.now() + 120_000; !holds();) {
      if (child.exitCode !== null) throw new Error(`${command[0]} ended before (status ${child.exitCode})`);
      if (Date.now() > deadline) throw new Error(`${command[0]}: not within 120 s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    if (child.exitCode === null) process.kill(-child.pid!, "SIGKILL");
    await ended;
  }
}

/** What must not change while nothing is done: ids, start times, names. */
const running = (prefix: string) =>
  docker
    .containers(prefix)
    .sort()
    .map((name) => `${name} ${docker.inspect(name, "{{.Id}} {{.State.StartedAt}} {{.State.Running}}")}`);

async function adopted(clone: Clone, input: string, ...args: string[]): Promise<Run> {
  const run = await clone.npm("adopt", args, input);
  expect(run.status, run.output).toBe(0);
  return run;
}

async function up(clone: Clone): Promise<Run> {
  const run = await clone.npm("up");
  expect(run.status, run.output).toBe(0);
  return run;
}

async function fill(old: PlainSite, password: string): Promise<{ admin: Session; path: string }> {
  const admin = await old.login("boss", password);
  await admin.post("written by hand");
  return { admin, path: await admin.upload("old.bin", bytes) };
}

async function expectEverythingKept(site: Site, password: string, path: string): Promise<Session> {
  await until("the workspace answers", () => site.json("GET", "/api/info"));
  const admin = await site.login("boss", password);
  expect(await admin.messages()).toContain("written by hand");
  expect((await admin.download(path)).equals(bytes)).toBe(true);
  return admin;
}

describe("without authentication, uploads in GridFS, a .env as compose reads it", () => {
  const prefix = "ita-";
  const ports = { httpPort: 30080, httpsPort: 30443 };
  const opt = `/opt/${prefix}rocketchat`;
  const envFile = [
    "# my workspace",
    "",
    "export ROOT_URL=https://chat.localhost:30443   # the address",
    "MONGO_HOST=ita-mongodb-shared",
    'MONGO_URL="mongodb://${MONGO_HOST}:27017/rocketchat?replicaSet=${SET:-rs0}"',
    "ADMIN_USERNAME=boss",
    "ADMIN_PASS='Correct # horse $1'",
    "REG_TOKEN=used-up",
    "BYPASS_MONGO_VALIDATION=true",
    "MAIL_URL=smtp://mail.example.org",
    "OVERWRITE_SETTING_Site_Name=Ours",
    "TZ=Europe/Paris",
    "",
  ].join("\n");
  const env = Object.fromEntries(parseComposeEnv(envFile));
  const password = "Correct # horse $1";
  const clone = cloneFor(prefix, ports);
  let path: string;

  beforeAll(async () => {
    cleanUp(prefix);
    mkdirSync(opt, { recursive: true });
    writeFileSync(`${opt}/.env`, envFile, { mode: 0o600 });
    delete env["MONGO_HOST"];
    const old = await startByHand(docker, {
      prefix,
      images: labImages(),
      mongo: {
        options: [
          "--volume",
          `/opt/${prefix}mongodb-shared/data:/data/db`,
          "--volume",
          `/opt/${prefix}backup:/backup`,
        ],
        args: ["--replSet", "rs0", "--bind_ip_all", "--oplogSize", "1100"],
      },
      // As people do: the member is then called by the container's own number.
      initiate: "rs.initiate()",
      chat: { options: [], port: 30300, env },
    });
    ({ path } = await fill(old, password));
  });

  it("is refused by name for what it does not understand, and nothing changes", async () => {
    const before = running(prefix);
    const files = readdirSync(opt).sort();
    const run = await clone.npm("adopt", [], "local\n");

    expect(run.status).toBe(1);
    expect(run.output).toContain("variable TZ of ita-rocketchat: no setting expresses it");
    expect(run.output).toContain("if it may go: --accept variable:TZ");
    expect(run.output).toContain("mount /opt/ita-backup at /backup of ita-mongodb-shared");
    expect(run.output).toContain("Nothing was changed.");
    expect(run.output).not.toContain(password);
    expect(running(prefix)).toEqual(before);
    expect(readdirSync(opt).sort()).toEqual(files);
    expect(existsSync(`/opt/${prefix}mongodb-shared/secrets`)).toBe(false);
    expect(clone.changes()).toBe("");
  });

  const accepted = ["--accept", "variable:TZ", "--accept", "mount:/backup"];

  it("says what changes, and does nothing without the stack's name", async () => {
    const before = running(prefix);
    const run = await clone.npm("adopt", accepted, "prod\n");

    expect(run.status).toBe(1);
    expect(run.output).toMatch(/member of rs0 +[0-9a-f]{12}:27017 +ita-mongodb-shared:27017/);
    expect(run.output).toContain("1 files in GridFS, inside the database");
    expect(run.output).toContain("an oplog of 1100 MiB");
    expect(run.output).toContain("variable MAIL_URL: Rocket.Chat removes it at its start");
    expect(run.output).toContain(
      "variable OVERWRITE_SETTING_Site_Name: its last value stays in the database",
    );
    expect(run.output).toContain("in .env only: MONGO_HOST");
    expect(run.output).toContain('wants the stack\'s name local (got "prod"); nothing was changed');
    expect(running(prefix)).toEqual(before);
    expect(clone.changes()).toBe("");
  });

  it("before it is adopted, up refuses to run on its data", async () => {
    const before = running(prefix);
    const run = await clone.npm("up");

    expect(run.status).toBe(1);
    expect(run.output).toContain(
      "mongo.dataDirectory: must not be in use by somebody else (/opt/ita-mongodb-shared/data is, by the container ita-mongodb-shared)",
    );
    expect(running(prefix)).toEqual(before);
  });

  it("killed while it copies, and run again, it makes a copy that restores", async () => {
    clone.configure([["rocketchat:uploads", "storage"], "FileSystem"]);
    await killedWhen(clone, ["adopt", "--", ...accepted], "local\n", () =>
      existsSync(`${opt}/before-adoption.unfinished`),
    );

    const run = await adopted(clone, "local\n", ...accepted);

    expect(run.output).toContain("uploads.storage: FileSystem → GridFS");
    const copies = readdirSync(opt).filter((name) => name.startsWith("before-adoption"));
    expect(copies).toHaveLength(1);
    const copy = join(opt, copies[0]!);
    expect(statSync(copy).mode & 0o777).toBe(0o700);
    expect(statSync(join(copy, "mongodb.archive.gz")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(copy, "env"), "utf8")).toBe(envFile);
    expect(await messagesIn(join(copy, "mongodb.archive.gz"))).toBe(1);
    expect(docker.containers(prefix).sort()).toEqual(["ita-mongodb-shared", "ita-rocketchat"]);
    expect(readFileSync(join(clone.directory, "Pulumi.local.yaml"), "utf8")).toMatch(
      /storage: GridFS # FileUpload_Storage_Type, from the workspace's own settings/,
    );
    expect(readFileSync(join(clone.directory, "Pulumi.local.yaml"), "utf8")).toMatch(
      /rocketchat:registrationToken:\n +secure: /,
    );
    for (const file of [
      `${opt}/secrets/admin-password`,
      `/opt/${prefix}mongodb-shared/secrets/root-password`,
    ])
      expect([existsSync(`${file}.generation`), statSync(file).mode & 0o777]).toEqual([true, 0o400]);
    expect(readFileSync(`${opt}/secrets/admin-password`, "utf8")).toMatch(/^UNCHANGED-BY-ADOPTION-\w{32}$/);
  });

  it("killed in the middle of the hand-over, the next up keeps messages, files and the administrator", async () => {
    await killedWhen(clone, ["up"], "", () =>
      docker.containers(prefix).includes("ita-mongodb-shared-before-adoption"),
    );
    expect(JSON.parse(readFileSync(`${opt}/adoption.json`, "utf8"))).toMatchObject({ state: "planned" });

    const run = await up(clone);

    expect(run.output).toContain("The workspace is taken over.");
    expect(run.output).toContain(
      "docker rm ita-rocketchat-before-adoption ita-mongodb-shared-before-adoption",
    );
    await expectEverythingKept(newSite(clone, ports), password, path);
    expect(
      docker.inspect(
        "ita-rocketchat-before-adoption",
        "{{.State.Running}} {{.HostConfig.RestartPolicy.Name}}",
      ),
    ).toBe("false no");
  });

  it("has nothing left to do", async () => {
    await clone.pulumi("preview", "--expect-no-changes");
    const again = await clone.npm("adopt", accepted, "local\n");
    expect(again.status).toBe(1);
    expect(again.output).toContain("stack local: is taken over already (done)");
  });

  async function messagesIn(archive: string): Promise<number> {
    const name = `${prefix}restore`;
    docker.run(
      "run",
      "--detach",
      "--name",
      name,
      "--network=none",
      "--volume",
      `${archive}:/dump:ro`,
      labImages().mongo,
    );
    try {
      await until("mongod answers", () =>
        Promise.resolve(docker.run("exec", name, "mongosh", "--quiet", "--eval", "db.hello().ok")),
      );
      docker.run("exec", "--user", "0", name, "mongorestore", "--quiet", "--gzip", "--archive=/dump");
      const eval_ =
        "db.getSiblingDB('rocketchat').rocketchat_message.countDocuments({msg: 'written by hand'})";
      return Number(docker.run("exec", name, "mongosh", "--quiet", "--eval", eval_));
    } finally {
      docker.run("rm", "--force", "--volumes", name);
    }
  }
});

describe("with authentication, uploads on the file system, the database in /opt/…rocketchat/data", () => {
  const prefix = "itab-";
  const ports = { httpPort: 30081, httpsPort: 30444 };
  const opt = `/opt/${prefix}rocketchat`;
  const password = "Correct-horse-2";
  const clone = cloneFor(prefix, ports);
  let path: string;

  beforeAll(async () => {
    cleanUp(prefix);
    const images = labImages();
    for (const directory of ["uploads", "data"]) mkdirSync(`${opt}/${directory}`, { recursive: true });
    mkdirSync(`/opt/${prefix}keys`);
    writeFileSync(`/opt/${prefix}keys/keyfile`, randomBytes(300).toString("base64"));
    docker.shell(
      images.busybox,
      `chown 65533:65533 ${opt}/uploads; chown 999:999 /opt/${prefix}keys/keyfile; chmod 400 /opt/${prefix}keys/keyfile`,
      "--volume=/opt:/opt",
    );
    const old = await startByHand(docker, {
      prefix,
      images,
      mongo: {
        options: [
          "--volume",
          `${opt}/data:/data/db`,
          "--volume",
          `/opt/${prefix}keys/keyfile:/etc/keyfile:ro`,
        ],
        args: ["--replSet", "rs0", "--bind_ip_all", "--keyFile", "/etc/keyfile"],
      },
      initiate: `
        rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "itab-mongodb-shared:27017" }] });
        while (!db.hello().isWritablePrimary) sleep(200);
        admin = db.getSiblingDB("admin");
        admin.createUser({ user: "keeper", pwd: "the keeper's", roles: ["root"] });
        admin.auth("keeper", "the keeper's");
        db.getSiblingDB("rocketchat").createUser({ user: "chat", pwd: "p@ss/w'rd", roles: ["dbOwner"] });`,
      chat: {
        options: ["--volume", `${opt}/uploads:/var/uploads`],
        port: 30301,
        env: {
          ROOT_URL: "https://chat.localhost:30444",
          MONGO_URL:
            "mongodb://chat:p%40ss%2Fw'rd@itab-mongodb-shared:27017/rocketchat?replicaSet=rs0&authSource=rocketchat",
          ADMIN_USERNAME: "boss",
          ADMIN_PASS: password,
          BYPASS_MONGO_VALIDATION: "true",
          FileUpload_Storage_Type: "FileSystem",
          FileUpload_FileSystemPath: "/var/uploads",
        },
      },
    });
    ({ path } = await fill(old, password));
  });

  it("wants MongoDB's administrator on standard input, and does not show him", async () => {
    const wrong = await clone.npm("adopt", [], "keeper\nwrong\nlocal\n");
    expect(wrong.status).toBe(1);
    expect(wrong.output).toContain(
      "MongoDB's administrator: must be able to log in (MongoDB refused keeper)",
    );

    const run = await adopted(clone, "keeper\nthe keeper's\nlocal\n");

    expect(run.output).not.toMatch(/the keeper's|w'rd/);
    expect(run.output).toContain(`1 files in ${opt}/uploads, used where they are`);
    expect(run.output).toMatch(/uploads inside the container +\/var\/uploads +\/app\/uploads/);
    expect(run.output).toContain(`the database in ${opt}/data, used where it is`);
    expect(readFileSync(`${opt}/secrets/mongo-password`, "utf8")).toBe("p@ss/w'rd");
    expect(readFileSync(`/opt/${prefix}mongodb-shared/secrets/keyfile`, "utf8")).toBe(
      readFileSync(`/opt/${prefix}keys/keyfile`, "utf8"),
    );
  });

  it("runs on while a port of the front door is taken", async () => {
    const before = running(prefix);
    const server = createServer().listen(ports.httpsPort, "127.0.0.1");
    await once(server, "listening");
    const run = await clone.npm("up").finally(() => server.close());

    expect(run.status).toBe(1);
    expect(run.output).toContain(
      "ingress.httpsPort: must be a free port (30444 is taken by a program of the host); stop that, or change ingress.httpsPort. The old service runs on",
    );
    expect(running(prefix)).toEqual(before);
  });

  it("keeps messages, files and the administrator, and has nothing left to do", async () => {
    await up(clone);

    const admin = await expectEverythingKept(newSite(clone, ports), password, path);
    await admin.post("written after it");
    expect(docker.inspect("itab-mongodb-shared", "{{range .Mounts}}{{.Source}} {{end}}")).toContain(
      `${opt}/data`,
    );
    await clone.pulumi("preview", "--expect-no-changes");
  });

  it("goes back: the old service answers as before, with what was written since", async () => {
    const notes = () =>
      readdirSync("/var/lib/rocketchat-places").filter((name) => name.startsWith(`local.${prefix}`));
    const note = `/var/lib/rocketchat-places/local.${prefix}rocketchat.tsv`;
    expect(readFileSync(note, "utf8")).toContain(`mongo.dataDirectory\t${opt}/data\n`);
    expect(notes()).toHaveLength(2);
    const run = await clone.npm("adopt", ["--undo"], "local\n");
    expect(run.status, run.output).toBe(0);
    expect(notes()).toEqual([]);

    const old = await expectEverythingKept(oldSite(), password, path);
    expect(await old.messages()).toContain("written after it");
    expect(docker.containers(prefix).sort()).toEqual(["itab-mongodb-shared", "itab-rocketchat"]);
    expect(docker.inspect("itab-mongodb-shared", "{{.HostConfig.RestartPolicy.Name}}")).toBe("always");
    expect(existsSync(`${opt}/adoption.json`)).toBe(false);
  });

  it("can be adopted again: MongoDB's root is known from the first time", async () => {
    const run = await adopted(clone, "local\n");
    expect(run.output).toMatch(/uploads inside the container +\/var\/uploads +\/app\/uploads/);
  });

  const oldSite = () => new PlainSite(30301);
});

afterAll(() => {
  for (const prefix of ["ita-", "itab-"]) cleanUp(prefix);
  for (const clone of clones) clone.remove();
});
