import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  accepted,
  adopted,
  cleanUp,
  cloneFor,
  expectEverythingKept,
  fill,
  labImages,
  newSite,
  running,
  up,
  WithoutAuthentication,
} from "./adoptable";
import { DockerCli } from "./engine";
import { PlainSite, startByHand } from "./old-workspace";

const docker = new DockerCli();

describe("without authentication, uploads in GridFS, a .env as compose reads it", () => {
  const prefix = "ita-";
  const ports = { httpPort: 30080, httpsPort: 30443 };
  const clone = cloneFor(prefix, ports);
  const old = new WithoutAuthentication(prefix, ports.httpsPort, 30300);
  const { opt, password } = old;

  beforeAll(async () => void (await old.start()));
  afterAll(() => {
    cleanUp(prefix);
    clone.remove();
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
});

describe("with authentication, uploads on the file system, the database in /opt/…rocketchat/data", () => {
  const prefix = "itab-";
  const ports = { httpPort: 30081, httpsPort: 30444 };
  const opt = `/opt/${prefix}rocketchat`;
  const password = "Correct-horse-2";
  const clone = cloneFor(prefix, ports);
  let path: string;

  afterAll(() => {
    cleanUp(prefix);
    clone.remove();
  });

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
