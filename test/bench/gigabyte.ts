import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Apart, Clone } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { type Session, Site, until } from "../integration/site";

/** A million messages of about 500 bytes, of words, as people write; compressible as that is. Prints the size in MB. */
const messages = `
  const words = Array.from({ length: 20000 }, () => Math.random().toString(36).slice(2, 4 + Math.floor(Math.random() * 9)));
  const text = () => Array.from({ length: 55 }, () => words[Math.floor(Math.random() ** 2 * words.length)]).join(" ");
  const seeded = db.getSiblingDB("rocketchat").rocketchat_message;
  for (let batch = 0; batch < 1000; batch++)
    seeded.insertMany(Array.from({ length: 1000 }, (_, n) => ({
      _id: \`seed-\${batch}-\${n}\`, rid: "SEED", msg: text(), ts: new Date(), u: { _id: "u", username: "u" }, _updatedAt: new Date(),
    })));
  print(Math.round(db.getSiblingDB("rocketchat").stats(1e6).dataSize));`;

/** A stack of a benchmark's own, with backups into a repository beside it, that gets 1 GB: half of it database, half of it files. */
export class Gigabyte {
  readonly clone: Clone;
  readonly home: string;
  readonly repository: string;
  private readonly docker = new DockerCli();

  constructor(
    private readonly apart: Apart,
    jitter: string,
  ) {
    this.clone = new Clone("bench");
    this.home = `/opt/${apart.prefix}rocketchat`;
    this.repository = `/opt/${apart.prefix}repository/chat`;
    this.clone.setApart(apart);
    this.clone.configure([["rocketchat:backup"], { repository: this.repository, jitter }]);
  }

  /** Runs one of the project's commands and shows what it says. @returns seconds */
  async run(script: string, ...args: string[]): Promise<number> {
    const done = await this.clone.npm(script, args);
    if (done.status !== 0) throw new Error(done.output);
    console.log(done.output.trim().replace(/^/gm, "    "));
    return done.tookMs / 1000;
  }

  async start(): Promise<{ site: Site; admin: Session }> {
    await this.run("up");
    const root = readFileSync(join(this.clone.directory, ".state/local/test-ca-root.pem"), "utf8");
    const site = new Site("chat.localhost", this.apart.httpPort, this.apart.httpsPort, root);
    const password = await this.clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
    return { site, admin: await until("the workspace answers", () => site.login("admin", password)) };
  }

  fill(): void {
    const password = readFileSync(`${this.home}/secrets/mongo-password`, "utf8");
    const uri = `mongodb://rocketchat:${password}@127.0.0.1:27017/rocketchat?directConnection=true`;
    const mongosh = ["mongosh", "--quiet", "--norc", uri, "--eval", messages];
    const megabytes = this.docker.run("exec", `${this.apart.prefix}mongodb-shared`, ...mongosh);
    for (let n = 0; n < 250; n++) writeFileSync(`${this.home}/uploads/seed${n}`, randomBytes(2_000_000));
    console.log(`database ${megabytes} MB, files 500 MB`);
  }

  remove(): void {
    const { prefix } = this.apart;
    for (const name of this.docker.containers(prefix)) this.docker.run("rm", "--force", "--volumes", name);
    for (const name of this.docker.networks(prefix)) this.docker.run("network", "rm", name);
    for (const part of ["rocketchat", "mongodb-shared", "traefik", "repository"])
      rmSync(`/opt/${prefix}${part}`, { recursive: true, force: true });
    this.docker.forget(prefix);
    this.clone.remove();
  }
}

/** Runs a benchmark and takes its stack down, whatever happens. */
export function onGigabyte(stack: Gigabyte, bench: () => Promise<void>): void {
  bench()
    .catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    })
    .finally(() => stack.remove());
}
