import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { parseComposeEnv } from "../../commands/adopt/compose-env";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { type PlainSite, startByHand } from "./old-workspace";
import { type Session, Site, until } from "./site";

// Workspaces that somebody runs by hand, and what is expected of their adoption.
const docker = new DockerCli();
/** Of the file that each of them has. */
const bytes = randomBytes(300_000);

interface Ports {
  httpPort: number;
  httpsPort: number;
}

export function labImages() {
  const all = docker.run("images", "--format", "{{.Repository}}:{{.Tag}}").split("\n");
  const of = (name: string) => all.find((image) => image.startsWith(`lab/${name}:`))!;
  return { mongo: of("mongo"), rocketchat: of("rocketchat"), busybox: of("busybox") };
}

export function cloneFor(prefix: string, ports: Ports): Clone {
  const clone = new Clone("adopt");
  clone.setApart({ prefix, ...ports });
  return clone;
}

export function cleanUp(prefix: string): void {
  for (const name of docker.containers(prefix)) docker.run("rm", "--force", "--volumes", name);
  for (const name of docker.networks(prefix)) docker.run("network", "rm", name);
  docker.forget(prefix);
  for (const name of readdirSync("/opt").filter((entry) => entry.startsWith(prefix)))
    rmSync(join("/opt", name), { recursive: true, force: true });
}

export const newSite = (clone: Clone, ports: Ports) =>
  new Site(
    "chat.localhost",
    ports.httpPort,
    ports.httpsPort,
    readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8"),
  );

/** What must not change while nothing is done: ids, start times, names. */
export const running = (prefix: string) =>
  docker
    .containers(prefix)
    .sort()
    .map((name) => `${name} ${docker.inspect(name, "{{.Id}} {{.State.StartedAt}} {{.State.Running}}")}`);

export async function adopted(clone: Clone, input: string, ...args: string[]): Promise<Run> {
  const run = await clone.npm("adopt", args, input);
  expect(run.status, run.output).toBe(0);
  return run;
}

export async function up(clone: Clone): Promise<Run> {
  const run = await clone.npm("up");
  expect(run.status, run.output).toBe(0);
  return run;
}

export async function fill(old: PlainSite, password: string): Promise<{ admin: Session; path: string }> {
  const admin = await old.login("boss", password);
  await admin.post("written by hand");
  return { admin, path: await admin.upload("old.bin", bytes) };
}

export async function expectEverythingKept(site: Site, password: string, path: string): Promise<Session> {
  await until("the workspace answers", () => site.json("GET", "/api/info"));
  const admin = await site.login("boss", password);
  expect(await admin.messages()).toContain("written by hand");
  expect((await admin.download(path)).equals(bytes)).toBe(true);
  return admin;
}

/** Without authentication, with uploads in GridFS and a .env as compose reads it. */
export class WithoutAuthentication {
  readonly password = "Correct # horse $1";
  readonly opt: string;
  readonly envFile: string;

  constructor(
    private readonly prefix: string,
    httpsPort: number,
    private readonly chatPort: number,
  ) {
    this.opt = `/opt/${prefix}rocketchat`;
    this.envFile = [
      "# my workspace",
      "",
      `export ROOT_URL=https://chat.localhost:${httpsPort}   # the address`,
      `MONGO_HOST=${prefix}mongodb-shared`,
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
  }

  /** @returns Where the file is had from. */
  async start(): Promise<string> {
    const { prefix, opt, envFile } = this;
    cleanUp(prefix);
    mkdirSync(opt, { recursive: true });
    writeFileSync(`${opt}/.env`, envFile, { mode: 0o600 });
    const env = Object.fromEntries(parseComposeEnv(envFile));
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
      chat: { options: [], port: this.chatPort, env },
    });
    return (await fill(old, this.password)).path;
  }
}

/** What no setting expresses of it. */
export const accepted = ["--accept", "variable:TZ", "--accept", "mount:/backup"];
