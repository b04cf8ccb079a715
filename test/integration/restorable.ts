import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Apart, Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { noBackupSoon } from "./no-backup-soon";
import { type Session, Site, until } from "./site";

/** A workspace with A in it, a backup of A, and a neighbour on its MongoDB. */
export class Restorable {
  readonly docker = new DockerCli();
  readonly clone = new Clone("restore");
  readonly prefix: string;
  readonly chat: string;
  readonly mongo: string;
  /** The workspace's directory. */
  readonly home: string;
  readonly journal: string;
  /** Says that the workspace is still the empty one of a new host. */
  readonly awaiting: string;
  /** Settings. */
  readonly backup: { repository: string; jitter: string; time: string };
  /** Of the file in A. */
  readonly bytes = randomBytes(300_000);

  site!: Site;
  admin!: Session;
  /** The path that A's file is had from. */
  file!: string;
  /** A's backup. */
  snapshot!: string;
  /** What other programs have made in A. */
  oddOfA!: { name: string; documents: string[] }[];

  constructor(private readonly apart: Apart) {
    const { prefix } = apart;
    this.prefix = prefix;
    this.chat = `${prefix}rocketchat`;
    this.mongo = `${prefix}mongodb-shared`;
    this.home = `/opt/${prefix}rocketchat`;
    this.journal = `${this.home}/backup/restore.json`;
    this.awaiting = `${this.home}/backup/awaiting-restore`;
    this.backup = { repository: `/opt/${prefix}repository/chat`, ...noBackupSoon(prefix) };
  }

  readonly password = () => readFileSync(`${this.home}/secrets/admin-password`, "utf8");

  /** The answer of an expression that MongoDB's administrator evaluates. */
  readonly asRoot = (expression: string, action = ""): string => {
    const root = readFileSync(`/opt/${this.mongo}/secrets/root-password`, "utf8");
    const login = `db.getSiblingDB("admin").auth("root", process.env.ROOT);`;
    return this.docker.run(
      "exec",
      `--env=ROOT=${root}`,
      `--env=ACTION=${action}`,
      this.mongo,
      "mongosh",
      "--quiet",
      "--norc",
      "--eval",
      login + expression,
    );
  };

  /** What other programs have made in the database; see there. */
  readonly odd = (action: "fill" | "fillTimeSeries" | "describe") =>
    JSON.parse(
      this.asRoot(
        `const odd = ${database};\n${readFileSync(join(__dirname, "odd-database.js"), "utf8")}`,
        action,
      ),
    ) as { name: string; documents: string[] }[];

  readonly collections = () => this.asRoot(`print(${database}.getCollectionNames().sort().join())`);

  readonly restore = (args: string[], input = "local\n") => this.clone.npm("restore", args, input);

  /** Nothing of the restore is left, and the administrator is logged in anew. */
  readonly restored = async (...args: string[]): Promise<Run> => {
    const { docker, home } = this;
    const run = await this.restore(args);
    expect(run.status, run.output).toBe(0);
    expect(existsSync(this.journal)).toBe(false);
    expect(docker.containers(this.prefix).filter((name) => /-(restore|maintenance)$/.test(name))).toEqual([]);
    expect(this.collections()).not.toContain("restore-");
    for (const name of ["restoring-uploads", "restoring-data"])
      expect(existsSync(`${home}/backup/${name}`)).toBe(false);
    expect(existsSync(`${home}/backup/restoring`)).toBe(false);
    expect(docker.inspect(this.chat, "{{.HostConfig.RestartPolicy.Name}}")).toBe("always");
    this.admin = await until("the workspace lets its administrator in", () =>
      this.site.login("admin", this.password()),
    );
    return run;
  };

  readonly backedUp = async (): Promise<string> => {
    const run = await this.clone.npm("backup");
    expect(run.status, run.output).toBe(0);
    return /snapshot ([0-9a-f]{8})/.exec(run.output)![1]!;
  };

  /** Starts a restore and kills it with everything it started as soon as the journal has come to a phase. */
  readonly killedIn = async (phase: string, args: string[]): Promise<void> => {
    const child = spawn("npm", ["run", "--silent", "restore", "--", ...args], {
      cwd: this.clone.directory,
      detached: true,
      stdio: "ignore",
    });
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    const hasCome = () => {
      try {
        return (JSON.parse(readFileSync(this.journal, "utf8")) as { phase: string }).phase === phase;
      } catch {
        return false;
      }
    };
    for (const deadline = Date.now() + 180_000; !hasCome();) {
      if (child.exitCode !== null) throw new Error(`the restore ended before (status ${child.exitCode})`);
      if (Date.now() > deadline) throw new Error(`${phase}: not within 180 s`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    process.kill(-child.pid!, "SIGKILL");
    await ended;
  };

  async start(): Promise<void> {
    const { clone, apart } = this;
    this.cleanUp();
    clone.setApart(apart);
    clone.configure([["rocketchat:backup"], this.backup]);
    await clone.succeed("up");
    const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
    this.site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
    this.admin = await until("the workspace answers", () => this.site.login("admin", this.password()));
    await this.fill();
  }

  private async fill(): Promise<void> {
    const { asRoot, home } = this;
    asRoot(
      `const his = db.getSiblingDB("neighbour"); his.things.insertMany([...Array(500).keys()].map((n) => ({ n }))); his.things.createIndex({ n: -1 })`,
    );
    await this.admin.post("of A");
    this.file = await this.admin.upload("a.bin", this.bytes);
    mkdirSync(`${home}/data/emoji`);
    writeFileSync(`${home}/data/emoji/of-a.png`, "of A");
    asRoot(`${database}.createCollection("capped_of_a", { capped: true, size: 4096, max: 7 })`);
    asRoot(`${database}.getCollection("capped_of_a").insertMany([{ a: 1 }, { a: 2 }])`);
    asRoot(
      `${database}.rocketchat_message.createIndex({ "u._id": 1 }, { name: "of_a", partialFilterExpression: { rid: "GENERAL" } })`,
    );
    const ttl = (settings: string) => asRoot(`db.adminCommand({ setParameter: 1, ${settings} })`);
    ttl("ttlMonitorEnabled: false");
    asRoot(
      `const c = ${database}.expiring_of_a; c.insertMany([...Array(9).keys()].map((n) => ({ n, at: new Date(0) }))); c.createIndex({ at: 1 }, { expireAfterSeconds: 0 })`,
    );
    this.odd("fill");
    this.oddOfA = this.odd("describe");
    this.snapshot = await this.backedUp();
    // From now on MongoDB removes what has expired, every second, also from what is being loaded.
    ttl("ttlMonitorSleepSecs: 1");
    ttl("ttlMonitorEnabled: true");
  }

  remove(): void {
    this.cleanUp();
    this.clone.remove();
  }

  private cleanUp(): void {
    const { docker, prefix } = this;
    for (const name of docker.containers(prefix)) docker.run("rm", "--force", "--volumes", name);
    for (const name of docker.networks(prefix)) docker.run("network", "rm", name);
    docker.forget(prefix);
    for (const name of readdirSync("/opt").filter((entry) => entry.startsWith(prefix)))
      rmSync(join("/opt", name), { recursive: true, force: true });
  }
}

/** The workspace's, in mongosh. */
export const database = `db.getSiblingDB("rocketchat")`;
