import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ensureImages, type LabImages } from "../../machine/images";
import { Site } from "../../commands/restore/site";
import { Worker } from "../../commands/restore/worker";
import { parseSettings } from "../../settings/parse";
import { find } from "../graph";
import { programWith } from "../program";
import { stackConfig } from "../settings-stack-file";
import { DockerCli, lines } from "./engine";
import { until } from "./site";

/** The user of Rocket.Chat's image. */
export const appId = 65533;
const secretNames = ["admin-password", "backup-password", "mongo-password", "api-token"];

/** Something in a tree of files, as whoever looks for a change compares it. */
export type Tree = Record<string, string>;

interface Volume {
  hostPath: string;
  containerPath: string;
  readOnly: boolean;
}

/**
 * A workspace whose Rocket.Chat is somebody else's by now: its directories, the backup's container as the program defines it, a small
 * database, and a container with the application's uid and directories that does what a test says. No deployment.
 */
export class Hostile {
  readonly home: string;
  readonly uploads: string;
  readonly data: string;
  readonly mongo: string;
  readonly repository: string;
  readonly backup: string;
  readonly app: string;
  private readonly docker = new DockerCli();
  private made?: { site: Site; images: Record<keyof LabImages, string> };

  constructor(readonly prefix: string) {
    this.home = `/opt/${prefix}rocketchat`;
    this.uploads = `${this.home}/uploads`;
    this.data = `${this.home}/data`;
    this.mongo = `/opt/${prefix}mongodb-shared`;
    this.repository = `/opt/${prefix}repository`;
    this.backup = `${prefix}rocketchat-backup`;
    this.app = `${prefix}application`;
  }

  get site(): Site {
    return this.made!.site;
  }

  secret(name: string): string {
    return `planted-${name}-${this.prefix}`;
  }

  /** Makes everything. The uploads' directory may be there, as a mount of its own. */
  async start(): Promise<void> {
    const lab = await ensureImages(process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock");
    const own = stackConfig("local");
    const config = {
      ...own,
      prefix: this.prefix,
      backup: JSON.stringify({ repository: this.repository, ...(lab && { resticImage: lab.restic }) }),
      ...(lab && {
        helperImage: lab.busybox,
        rocketchat: JSON.stringify({
          ...(JSON.parse(own["rocketchat"]!) as object),
          image: lab.rocketchat,
          bypassMongoValidation: true,
        }),
        mongo: JSON.stringify({ version: "6.0.5", image: lab.mongo }),
      }),
    };
    const settings = parseSettings({ stack: "local", config, secretKeys: new Set() });
    const site = new Site({ name: "local", env: process.env, configArgs: [] }, settings);
    this.made = {
      site,
      images: {
        busybox: settings.helperImage,
        rocketchat: settings.rocketchat.image,
        mongo: settings.mongo.image,
        restic: settings.backup!.resticImage,
        traefik: "",
        pebble: "",
        rclone: "",
      },
    };
    this.layOut();
    await this.startBackup(config);
    this.docker.run(
      "run",
      "--detach",
      "--init",
      `--name=${this.app}`,
      `--user=${appId}:${appId}`,
      "--network=none",
      `--volume=${this.uploads}:/app/uploads`,
      `--volume=${this.data}:/app/data`,
      "--cap-drop=ALL",
      "--security-opt=no-new-privileges",
      "--tmpfs=/tmp",
      "--entrypoint=sleep",
      settings.rocketchat.image,
      "infinity",
    );
    await this.startMongod();
  }

  /** What a new workspace has. */
  layOut(): void {
    for (const path of [this.home, this.mongo, this.repository])
      mkdirSync(path, { recursive: true, mode: 0o755 });
    for (const path of [this.uploads, this.data]) {
      mkdirSync(path, { recursive: true });
      chownSync(path, appId, appId);
      chmodSync(path, 0o750);
    }
    for (const path of [`${this.home}/secrets`, `${this.mongo}/secrets`, `${this.home}/backup/settings`]) {
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o700);
    }
    for (const name of secretNames)
      writeFileSync(`${this.home}/secrets/${name}`, this.secret(name), { mode: 0o400 });
    writeFileSync(`${this.mongo}/secrets/root-password`, this.secret("root-password"), { mode: 0o400 });
    writeFileSync(`${this.home}/backup/settings/Pulumi.local.yaml`, "config: {}\n");
    writeFileSync(`${this.home}/.env`, "ROOT_URL='https://chat.localhost'\n", { mode: 0o600 });
    cpSync("scripts/backup", `${this.home}/backup/scripts`, { recursive: true });
    this.asAppOwns("uploads/one.bin", "one");
    this.asAppOwns("uploads/2026/two.bin", "two");
    this.asAppOwns("data/emoji/smile.png", "smile");
  }

  /** A file of the application's. */
  asAppOwns(name: string, content: string): void {
    const path = join(this.home, name);
    for (
      let parent = dirname(path);
      parent !== this.uploads && parent !== this.data;
      parent = dirname(parent)
    ) {
      mkdirSync(parent, { recursive: true });
      chownSync(parent, appId, appId);
    }
    writeFileSync(path, content);
    chownSync(path, appId, appId);
  }

  /** The backup's container with the mounts and rights that the program gives it, doing nothing by itself. */
  private async startBackup(config: Record<string, string>): Promise<void> {
    const { inputs } = find(await programWith(config), "Container", "backup");
    const volumes = inputs["volumes"] as Volume[];
    const tmpfs = Object.entries(inputs["tmpfs"] as Record<string, string>);
    const adds = (inputs["capabilities"] as { adds: string[] }).adds;
    this.docker.run(
      "run",
      "--detach",
      "--init",
      `--name=${this.backup}`,
      "--hostname",
      this.backup,
      "--network=none",
      `--add-host=${this.site.settings.mongo.hostname}:127.0.0.1`,
      "--user=0",
      "--read-only",
      "--cap-drop=ALL",
      ...adds.flatMap((name) => ["--cap-add", name.replace("CAP_", "")]),
      "--security-opt=no-new-privileges",
      ...volumes.flatMap((volume) => [
        "--volume",
        `${volume.hostPath}:${volume.containerPath}${volume.readOnly ? ":ro" : ""}`,
      ]),
      ...tmpfs.flatMap(([path, options]) => ["--tmpfs", `${path}:${options}`]),
      ...(inputs["envs"] as string[]).flatMap((env) => ["--env", env]),
      "--entrypoint=sleep",
      this.made!.images.mongo,
      "infinity",
    );
    const scratch = this.docker.run("create", this.made!.images.restic);
    this.docker.run("cp", `${scratch}:/usr/bin/restic`, `${this.home}/backup/bin/restic`);
    this.docker.run("rm", scratch);
    // Waits in the middle of a run for as long as a test says.
    writeFileSync(
      `${this.home}/backup/bin/mongodump`,
      '#!/bin/bash\nif [[ -e /backup/hold ]]; then : >/backup/held; while [[ -e /backup/hold ]]; do sleep 0.05; done; rm -f /backup/held; fi\nPATH=${PATH#/backup/bin:} exec mongodump "$@"\n',
      { mode: 0o755 },
    );
  }

  private async startMongod(): Promise<void> {
    const { mongo } = this.site.settings;
    this.docker.run(
      "exec",
      this.backup,
      "sh",
      "-c",
      `mkdir -p /backup/db && exec mongod --fork --logpath /backup/db/log --dbpath /backup/db --replSet ${mongo.replicaSet} --bind_ip_all --wiredTigerCacheSizeGB 0.25`,
    );
    const script = `
      const member = { _id: 0, host: "${mongo.hostname}:27017" };
      try { db.adminCommand({ replSetInitiate: { _id: "${mongo.replicaSet}", members: [member] } }); } catch (error) {}
      const own = db.getSiblingDB("${mongo.database}");
      own.createUser({ user: "${mongo.user}", pwd: "${this.secret("mongo-password")}", roles: ["readWrite"] });
      own.users.insertOne({ name: "somebody" });`;
    await until(
      "MongoDB takes a user",
      () => Promise.resolve(this.inBackup("mongosh", "--quiet", "--eval", script)),
      60,
    );
  }

  inBackup(...command: string[]): string {
    return this.docker.run("exec", this.backup, ...command);
  }

  /** Runs one backup, or another script of its container. */
  run(...args: string[]): Promise<{ status: number; output: string }> {
    return this.exec(this.backup, [
      "bash",
      ...(args.length > 0 ? args : ["/backup/scripts/run.sh", "a test"]),
    ]);
  }

  /** A shell script with the application's uid, in its directories. */
  asApp(script: string): string {
    return this.docker.run("exec", this.app, "sh", "-c", script);
  }

  /**
   * A Node script with the application's uid that goes on until it is ended. It calls `alive()` once it does what it is for, and that is
   * waited for; at the end it must be there still.
   */
  async race(script: string): Promise<{ end(): void }> {
    const alive = `const alive = () => require("fs").writeFileSync("/tmp/racing", String(process.pid));`;
    this.asApp("rm -f /tmp/racing");
    this.docker.run(
      "exec",
      "--detach",
      this.app,
      "sh",
      "-c",
      'exec node -e "$1" >/tmp/raced 2>&1',
      "sh",
      `${alive}\n${script}`,
    );
    const orSay = "|| { cat /tmp/raced >&2; exit 1; }";
    await until("the race has begun", () => Promise.resolve(this.asApp(`[ -s /tmp/racing ] ${orSay}`)), 30);
    return { end: () => void this.asApp(`kill -9 "$(cat /tmp/racing)" ${orSay}`) };
  }

  restic(command: string): string {
    return this.inBackup(
      "bash",
      "-c",
      `. /backup/scripts/common.sh; export TMPDIR=/tmp; mkdir -p /run/backup; repository; ${command}`,
    );
  }

  async snapshot(): Promise<string> {
    const made = await this.run();
    if (made.status !== 0) throw new Error(made.output);
    return /snapshot ([0-9a-f]{8})/.exec(made.output)![1]!;
  }

  worker(): Promise<Worker> {
    return Worker.start(this.site);
  }

  /** Holds the next run where it asks for the database. */
  hold(): { held: () => boolean; go: () => void } {
    writeFileSync(`${this.home}/backup/hold`, "");
    return {
      held: () => existsSync(`${this.home}/backup/held`),
      go: () => rmSync(`${this.home}/backup/hold`),
    };
  }

  /** Where a run or a restore has laid something out: owner and mode of each. */
  places(): Tree {
    const known = ["staging", "restoring-uploads", "restoring-data"].map(
      (name) => `${this.home}/backup/${name}`,
    );
    for (const directory of [this.uploads, this.data])
      known.push(...[".rocketchat-staging", ".rocketchat-restore"].map((name) => `${directory}/${name}`));
    return Object.fromEntries(
      known
        .filter((path) => existsSync(path))
        .map((path) => {
          const { uid, mode } = lstatSync(path);
          return [path, `${uid} ${mode.toString(8)}`];
        }),
    );
  }

  /** All that must not change: what is not the application's, but for what the backups know of themselves. */
  outside(): Tree {
    const own = [`${this.home}/backup`, this.uploads, this.data];
    const found: Tree = {};
    for (const root of [this.home, this.mongo]) walk(root, found, own);
    walk(`${this.home}/backup/scripts`, found, []);
    walk(`${this.home}/backup/bin`, found, []);
    return found;
  }

  /** Files that the application can read and whose bytes hold one of the secrets. */
  leaked(): string[] {
    // Of files alone: a named pipe would have the reader wait for ever.
    const script =
      "find /app/uploads /app/data -type f -exec grep -ls -e planted-admin -e planted-backup -e planted-mongo -e planted-api -e planted-root {} + 2>/dev/null || true";
    return lines(this.asApp(script));
  }

  private exec(container: string, command: string[]): Promise<{ status: number; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn("docker", ["exec", container, ...command], { stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
      child.on("error", reject);
      child.on("close", (status) => resolve({ status: status ?? 1, output }));
    });
  }

  removeContainers(): void {
    for (const name of this.docker.containers(this.prefix))
      this.docker.run("rm", "--force", "--volumes", name);
  }

  remove(): void {
    this.removeContainers();
    for (const name of readdirSync("/opt").filter((entry) => entry.startsWith(this.prefix)))
      rmSync(join("/opt", name), { recursive: true, force: true });
  }
}

function walk(path: string, found: Tree, apart: string[]): void {
  if (apart.includes(path)) return;
  const now = lstatSync(path);
  found[path] = `${now.uid} ${now.mode.toString(8)}`;
  if (now.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name), found, apart);
  else found[path] += ` ${now.nlink} ${now.isFile() ? readFileSync(path, "latin1") : "no file"}`;
}
