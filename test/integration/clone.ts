import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";

export interface Run {
  status: number;
  stdout: string;
  /** Both streams, as a terminal shows them. */
  output: string;
  tookMs: number;
}

/** What sets a test's stack apart from every other on the engine. */
export interface Apart {
  prefix: string;
  httpPort: number;
  httpsPort: number;
  /** How long requests in flight get to end on an old server. @default 1 second */
  drain?: string;
}

/** A package that npm has is not asked for again, which the installation of every clone would do. */
const fromCache = { npm_config_prefer_offline: "true" };

export interface CloneOptions {
  /** It has no packages yet: its first command installs them. @default false, it shares this working tree's */
  withoutPackages?: boolean;
}

/** A clone of this working tree, in a directory of its own. */
export class Clone {
  readonly directory: string;
  private readonly env: NodeJS.ProcessEnv;

  constructor(name: string, env: NodeJS.ProcessEnv = {}, { withoutPackages = false }: CloneOptions = {}) {
    this.directory = mkdtempSync(join(tmpdir(), `rocketchat-${name}-`));
    this.env = env;
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { encoding: "utf8" });
    for (const file of files.split("\0").filter((path) => path !== "")) {
      mkdirSync(dirname(join(this.directory, file)), { recursive: true });
      try {
        cpSync(file, join(this.directory, file), { recursive: true, verbatimSymlinks: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // deleted, not yet committed
      }
    }
    if (!withoutPackages) copyPackages(this.directory);
    this.git("init", "--quiet");
    this.commit();
  }

  /** Sets keys of `Pulumi.local.yaml`, such as "rocketchat:uploads", "maxSize", and commits. */
  configure(...changes: [path: string[], value: unknown][]): void {
    const file = join(this.directory, "Pulumi.local.yaml");
    const document = parseDocument(readFileSync(file, "utf8"));
    for (const [path, value] of changes) {
      if (value === undefined) document.deleteIn(["config", ...path]);
      else document.setIn(["config", ...path], value);
    }
    writeFileSync(file, String(document));
    this.commit();
  }

  /** Encrypts a secret for the stack `local`, which is there already, and sets it in `Pulumi.local.yaml`. */
  async setSecret(key: string, value: string): Promise<void> {
    const set = await this.npm("pulumi", ["config", "set", "--secret", key], value);
    if (set.status !== 0) throw new Error(set.output);
  }

  setApart({ prefix, httpPort, httpsPort, drain = "1 second" }: Apart): void {
    this.configure(
      [["rocketchat:ingress", "drain"], drain],
      [["rocketchat:prefix"], prefix],
      [["rocketchat:ingress", "httpPort"], httpPort],
      [["rocketchat:ingress", "httpsPort"], httpsPort],
    );
  }

  /** `npm run` with a script and its arguments. */
  npm(script: string, args: string[] = [], input = ""): Promise<Run> {
    return this.run("npm", ["run", "--silent", script, "--", ...args], input);
  }

  /** @throws Error with what the command said, where it does not end with 0. */
  async succeed(script: string, args: string[] = [], input = ""): Promise<Run> {
    const run = await this.npm(script, args, input);
    if (run.status !== 0) throw new Error(`npm run ${script}: status ${run.status}\n${run.output}`);
    return run;
  }

  /** The answer of a pulumi command that must succeed. */
  async pulumi(...args: string[]): Promise<string> {
    return (await this.succeed("pulumi", args)).stdout.trim();
  }

  run(command: string, args: string[], input = ""): Promise<Run> {
    const started = Date.now();
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        cwd: this.directory,
        // What it compiles belongs to it, and goes with it.
        env: { ...process.env, NODE_COMPILE_CACHE: undefined, ...fromCache, ...this.env },
      });
      let stdout = "";
      let output = "";
      // A chunk may end in the middle of a character.
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        output += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
      child.on("error", reject);
      child.on("close", (status) =>
        resolve({ status: status ?? 1, stdout, output, tookMs: Date.now() - started }),
      );
      // A command may end before it has read anything.
      child.stdin.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code !== "EPIPE") reject(error);
      });
      child.stdin.end(input);
    });
  }

  /** What git sees as changed; empty in a clean tree. */
  changes(): string {
    return this.git("status", "--porcelain");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  commit(): void {
    this.git("add", "--all");
    this.git(
      "-c",
      "user.name=test",
      "-c",
      "user.email=test@example.org",
      "commit",
      "--quiet",
      "--message",
      "test",
      "--allow-empty",
    );
  }

  private git(...args: string[]): string {
    return execFileSync("git", args, { cwd: this.directory, encoding: "utf8" });
  }
}

/** As hard links: half a second, where an installation takes a quarter of a minute. As files on another disk. */
function copyPackages(directory: string): void {
  const links = spawnSync("cp", ["-al", "node_modules", directory]);
  if (links.status === 0) return;
  rmSync(join(directory, "node_modules"), { recursive: true, force: true });
  execFileSync("cp", ["-a", "node_modules", directory]);
}
