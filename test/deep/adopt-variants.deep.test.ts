import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { managed } from "../../commands/adopt/managed";
import { restoreData } from "../../commands/adopt/prepare-data";
import type { Adoption } from "../../commands/adopt/record";
import { rawConfig } from "../../commands/adopt/settings-file";
import { Host } from "../../engine/host";
import { ensureImages, labConfig, type LabImages } from "../../machine/images";
import { readConfig } from "../../commands/stack/stack-file";
import { parseSettings } from "../../settings/parse";
import { Clone, type Run } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { PlainSite } from "../integration/old-workspace";
import { RemoteHost } from "../integration/remote-host";
import { type Session, Site, until } from "../integration/site";

const docker = new DockerCli();
const password = "Correct-horse-3";
const bytes = randomBytes(100_000);
const clones: Clone[] = [];
let images: LabImages;

beforeAll(async () => {
  images = (await ensureImages(process.env["DOCKER_HOST"]!))!;
  for (const prefix of ["itad", "itae"]) cleanUp(prefix);
});

afterAll(() => {
  for (const prefix of ["itad", "itae"]) cleanUp(prefix);
  for (const clone of clones) clone.remove();
});

function cleanUp(prefix: string): void {
  for (const name of docker.containers(prefix)) docker.run("rm", "--force", "--volumes", name);
  for (const name of docker.networks(prefix)) docker.run("network", "rm", name);
  const volumes = docker.run("volume", "ls", "--quiet", "--filter", `name=${prefix}`).split("\n");
  for (const name of volumes.filter((text) => text !== "")) docker.run("volume", "rm", name);
  docker.forget(`${prefix}-`);
  for (const [place, start] of [
    ["/opt", `${prefix}-`],
    ["/", `${prefix}Uploads`],
  ] as const)
    for (const name of readdirSync(place).filter((entry) => entry.startsWith(start)))
      rmSync(join(place, name), { recursive: true, force: true });
}

function newClone(name: string): Clone {
  const clone = new Clone(name);
  clones.push(clone);
  return clone;
}

const evaluate = (container: string, script: string) =>
  docker.run("exec", container, "mongosh", "--quiet", "--norc", "--eval", script);

async function startSet(container: string, member: string): Promise<void> {
  await until(`${container} answers`, () => Promise.resolve(evaluate(container, "db.hello().ok")));
  evaluate(
    container,
    `rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "${member}" }] }); while (!db.hello().isWritablePrimary) sleep(200)`,
  );
}

async function fill(site: PlainSite): Promise<string> {
  await until("the old workspace answers", () => site.json("GET", "/api/info"));
  const admin = await site.login("boss", password);
  await admin.post("written by hand");
  return admin.upload("old.bin", bytes);
}

async function expectKept(site: Site, path: string): Promise<Session> {
  await until("the workspace answers", () => site.json("GET", "/api/info"));
  const admin = await site.login("boss", password);
  expect(await admin.messages()).toContain("written by hand");
  expect((await admin.download(path)).equals(bytes)).toBe(true);
  return admin;
}

function ok(run: Run): Run {
  expect(run.status, run.output).toBe(0);
  return run;
}

describe("a compose project in the stock layout, over ssh", { timeout: 1_500_000 }, () => {
  const directory = "/opt/itad-rocketchat";
  const [chat, mongo] = ["itad_rocketchat_1", "itad_mongo_1"];
  const host = new RemoteHost("itad-deploy", 31932, 31933);
  const clone = newClone("adopt-compose");
  const backend = mkdtempSync(join(tmpdir(), "rocketchat-adopt-backend-"));
  const env = { PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE: "a passphrase" };
  const old = new PlainSite(30305);
  const settingsFile = join(clone.directory, "Pulumi.server.yaml");
  let path: string;

  const compose = (...args: string[]) =>
    execFileSync("docker-compose", ["--project-name", "itad", ...args], {
      cwd: directory,
      encoding: "utf8",
      stdio: "pipe",
    });
  const command = (script: string, args: string[], input: string) =>
    host.run(
      clone,
      [
        "sh",
        "-c",
        'input=$1; shift; printf "%s" "$input" | npm run --silent "$@"',
        "sh",
        input,
        script,
        "--",
        "--stack",
        "server",
        ...args,
      ],
      env,
    );
  const adopt = () =>
    command("adopt", ["--engine", host.engine, "--rocketchat", chat, "--mongodb", mongo], "server\n");
  const started = () => [chat, mongo].map((name) => docker.inspect(name, "{{.Id}} {{.State.StartedAt}}"));

  beforeAll(async () => {
    // Debian's docker-compose is what many servers have.
    execFileSync(
      "sh",
      [
        "-c",
        "command -v docker-compose || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker-compose",
      ],
      { stdio: "pipe" },
    );
    mkdirSync(`${directory}/uploads`, { recursive: true });
    docker.shell(images.busybox, `chown 65533:65533 ${directory}/uploads`, "--volume", "/opt:/opt");
    const environment = {
      MONGO_URL: "mongodb://mongo:27017/?replicaset=rs0",
      ROOT_URL: "https://chat.localhost:30447",
      ADMIN_USERNAME: "boss",
      ADMIN_PASS: password,
      BYPASS_MONGO_VALIDATION: "true",
      FileUpload_Storage_Type: "FileSystem",
      FileUpload_FileSystemPath: "/app/uploads",
    };
    const services = {
      mongo: {
        image: images.mongo,
        restart: "always",
        command: "mongod --replSet rs0 --bind_ip_all",
        volumes: ["./data/db:/data/db"],
      },
      rocketchat: {
        image: images.rocketchat,
        restart: "always",
        environment,
        depends_on: ["mongo"],
        volumes: ["./uploads:/app/uploads"],
        ports: ["127.0.0.1:30305:3000"],
      },
    };
    writeFileSync(`${directory}/docker-compose.yml`, stringify({ version: "3", services }));
    compose("up", "--detach", "mongo");
    await startSet(mongo, "mongo:27017");
    compose("up", "--detach");
    path = await fill(old);

    await host.start([]);
    host.trustHostKey();
    // What this engine needs instead of images that cannot be pulled; nothing about the workspace.
    const lab = labConfig(images) as Record<string, Record<string, unknown>>;
    const ingress = {
      version: "3.7.15",
      bind: "127.0.0.1",
      neighboursMayConnect: true,
      httpPort: 30087,
      httpsPort: 30447,
    };
    const acme = { server: "test-ca", ...(lab["rocketchat:ingress"]!["acme"] as object) };
    const config = {
      "rocketchat:helperImage": images.busybox,
      "rocketchat:prefix": "itad-",
      "rocketchat:mongo": { openFiles: 20000 },
      "rocketchat:ingress": { ...ingress, image: images.traefik, acme },
    };
    writeFileSync(settingsFile, stringify({ config }));
    ok(await host.npm(clone, "pulumi", ["--stack", "server", "stack", "init", "server"], env));
  });

  afterAll(async () => {
    await host.remove();
    rmSync(backend, { recursive: true, force: true });
  });

  it("runs on until the hand-over, and loses nothing in it", async () => {
    const before = started();
    const run = ok(await adopt());

    expect(run.output).toContain(`the database in ${directory}/data/db, used where it is`);
    expect(started()).toEqual(before);
    expect(compose("ps", "--services", "--filter", "status=running").trim().split("\n").sort()).toEqual([
      "mongo",
      "rocketchat",
    ]);
    const settings = readConfig(settingsFile).config as Record<string, Record<string, unknown>>;
    expect(settings["rocketchat:rocketchat"]!["dataDirectory"]).toBe(`${directory}/files`);
    expect(settings["rocketchat:mongo"]).toMatchObject({
      database: "test",
      hostname: "mongo",
      dataDirectory: `${directory}/data/db`,
    });

    ok(await command("up", ["--yes", "--skip-preview"], ""));
    const root = readFileSync("/opt/itad-traefik/acme/test-ca-root.pem", "utf8");
    const admin = await expectKept(new Site("chat.localhost", 30087, 30447, root), path);
    await admin.post("written after it");
  });

  it("comes back with what was written since", async () => {
    ok(await command("adopt", ["--undo"], "server\n"));
    expect(await (await expectKept(old, path)).messages()).toContain("written after it");
    expect(compose("ps", "--services", "--filter", "status=running").trim().split("\n").sort()).toEqual([
      "mongo",
      "rocketchat",
    ]);
  });

  it("has its data given back six of six times by a mongod that starts slowly", async () => {
    docker.run("stop", chat, mongo);
    const slow = slowMongo();
    const { config } = readConfig(settingsFile);
    const raw = rawConfig({ ...config, "rocketchat:engine": process.env["DOCKER_HOST"] });
    const settings = managed(parseSettings({ stack: "server", config: raw, secretKeys: new Set() }));
    const engine = new Host(settings.engine, images.busybox, process.env);
    const adoption = {
      image: slow,
      dataDirectory: `${directory}/data/db`,
      replicaSet: "rs0",
      member: "mongo:27017",
      formerMember: "mongo:27017",
      database: "test",
      settings: [],
    } as unknown as Adoption;
    try {
      for (let time = 1; time <= 6; time++) await restoreData(engine, settings, adoption);
    } finally {
      docker.run("image", "rm", "--force", slow);
    }
    docker.run("start", mongo, chat);
    await expectKept(old, path);
  });

  /** The image of MongoDB with a mongod that takes 15 seconds more, longer than mongosh does. */
  function slowMongo(): string {
    const name = "lab/slow-mongo:0123456789ab";
    const script = '#!/bin/sh\\nsleep 15\\nexec /usr/bin/mongod \\"\\$@\\"\\n';
    const made = `printf "${script}" > /usr/local/bin/mongod; chmod 755 /usr/local/bin/mongod; head -3 /usr/local/bin/mongod`;
    docker.run("run", "--name", "itad-slow", "--entrypoint", "sh", images.mongo, "-c", made);
    const keep = ["ENTRYPOINT", "CMD"].map((_, index) =>
      docker.run(
        "image",
        "inspect",
        "--format",
        `{{json .Config.${["Entrypoint", "Cmd"][index]}}}`,
        images.mongo,
      ),
    );
    const changes = [`ENTRYPOINT ${keep[0]}`, `CMD ${keep[1]}`].flatMap((change) => ["--change", change]);
    docker.run("commit", ...changes, "itad-slow", name);
    docker.run("rm", "itad-slow");
    return name;
  }
});

describe("the steps that refusals name", { timeout: 900_000 }, () => {
  const [chat, mongo, next] = ["itae-rocketchat", "itae-mongodb-shared", "itae-next"];
  const clone = newClone("adopt-steps");
  const old = new PlainSite(30306);
  let path: string;

  const startChat = (uploads: string, server: string, database: string) =>
    docker.run(
      "run",
      "--detach",
      `--name=${chat}`,
      "--network=itae-old",
      `--volume=${uploads}:/app/uploads`,
      "--publish=127.0.0.1:30306:3000",
      "--env=ROOT_URL=http://203.0.113.5:30306",
      `--env=MONGO_URL=mongodb://${server}:27017/${database}?replicaSet=rs0`,
      "--env=ADMIN_USERNAME=boss",
      `--env=ADMIN_PASS=${password}`,
      "--env=BYPASS_MONGO_VALIDATION=true",
      "--env=FileUpload_Storage_Type=FileSystem",
      "--env=FileUpload_FileSystemPath=/app/uploads",
      images.rocketchat,
    );
  const startMongo = (name: string, volume: string, ...args: string[]) => {
    const options = ["--name", name, "--network", "itae-old", "--volume", `${volume}:/data/db`];
    docker.run(
      "run",
      "--detach",
      ...options,
      images.mongo,
      "mongod",
      "--replSet",
      "rs0",
      "--bind_ip_all",
      ...args,
    );
    return startSet(name, `${name}:27017`);
  };

  beforeAll(async () => {
    clone.setApart({ prefix: "itae-", httpPort: 30088, httpsPort: 30448 });
    docker.run("network", "create", "itae-old");
    mkdirSync("/itaeUploads");
    docker.shell(images.busybox, "chown 65533:65533 /itaeUploads", "--volume", "/itaeUploads:/itaeUploads");
    await startMongo(mongo, "itae_db", "--directoryperdb");
    startChat("/itaeUploads", mongo, "01chat");
    path = await fill(old);
  });

  it("are said for each thing that cannot be, and nothing is made on the host", async () => {
    const run = await clone.npm("adopt", [], "local\n");

    expect(run.status).toBe(1);
    for (const what of [
      "address http://203.0.113.5:30306",
      "the directory /itaeUploads of itae-rocketchat",
      "the database 01chat",
      "the database in the volume itae_db",
      "mongod's storage.directoryPerDB",
    ])
      expect(run.output).toContain(`  ${what}: `);
    expect(readdirSync("/opt").filter((name) => name.startsWith("itae-"))).toEqual([]);
  });

  it("lead out, as they are written", async () => {
    const dump = join(tmpdir(), "itae-all.gz");
    docker.run("stop", chat);
    execFileSync("sh", ["-c", `docker exec ${mongo} mongodump --quiet --archive --gzip > ${dump}`]);
    await startMongo(next, "/opt/itae-mongodb-shared/data");
    execFileSync("sh", ["-c", `docker exec -i ${next} mongorestore --quiet --archive --gzip < ${dump}`]);
    rmSync(dump);
    const rename =
      "mongodump --quiet --db='01chat' --archive | mongorestore --quiet --archive --nsInclude='01chat.*' --nsFrom='01chat.*' --nsTo='rocketchat.*'";
    docker.run("exec", next, "sh", "-c", rename);
    execFileSync("sh", [
      "-c",
      "mkdir -p /opt/itae-rocketchat/uploads && cp -a '/itaeUploads/.' /opt/itae-rocketchat/uploads",
    ]);
    docker.run("rm", chat);
    startChat("/opt/itae-rocketchat/uploads", next, "rocketchat");
    await expectKept(old, path);

    const options = ["--mongodb", next, "--hostname", "chat.localhost", "--accept", "database:01chat"];
    const run = await clone.npm("adopt", options, "no\n");
    expect(run.output).not.toContain("Not understood");
    expect(run.output).toContain('wants the stack\'s name local (got "no"); nothing was changed');
  });
});
