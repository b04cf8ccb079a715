import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptInstall } from "./debian";
import { until } from "./site";

/** A real sshd with keys and a configuration of its own in a directory, and one user who comes by key alone. Needs root. */
export class Sshd {
  private readonly user: string;
  private server: ChildProcess | undefined;

  /**
   * Installs sshd where there is none, and makes the user, the host's key (`host-key`) and the user's (`user-key`).
   * @param directory Others may enter it: the user's home is in it.
   */
  constructor(
    private readonly directory: string,
    { user, groups = [], moreKeys = [] }: { user: string; groups?: string[]; moreKeys?: string[] },
  ) {
    this.user = user;
    if (!existsSync("/usr/sbin/sshd")) {
      execFileSync("sh", ["-c", aptInstall("openssh-server")], { stdio: "pipe" });
    }
    // Of a run that was killed.
    spawnSync("userdel", ["--remove", "--force", user]);
    const options = groups.length === 0 ? [] : ["--groups", groups.join(",")];
    execFileSync("useradd", ["--create-home", "--home-dir", this.home, "--password", "*", ...options, user]);
    for (const key of ["host-key", "user-key", ...moreKeys])
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", this.keyFile(key)]);
    const dotSsh = join(this.home, ".ssh");
    mkdirSync(dotSsh);
    cpSync(`${this.keyFile("user-key")}.pub`, join(dotSsh, "authorized_keys"));
    execFileSync("chown", ["-R", user, dotSsh]);
  }

  /** The user's. */
  get home(): string {
    return join(this.directory, "home");
  }

  /** Where a private key is. */
  keyFile(name: string): string {
    return join(this.directory, name);
  }

  /** A line of known_hosts. */
  knownHost(address: string, port: number, key = "host-key"): string {
    const [type, bytes] = readFileSync(`${this.keyFile(key)}.pub`, "utf8").split(" ");
    return `[${address}]:${port} ${type} ${bytes!.trim()}`;
  }

  /**
   * Starts it, anew where it ran; whoever is connected is cut off.
   * @param config Where it listens, and what else it is to do: lines of sshd_config.
   */
  async serve(config: string[]): Promise<void> {
    await this.stop();
    mkdirSync("/run/sshd", { recursive: true });
    const always = [
      `HostKey ${this.keyFile("host-key")}`,
      "PidFile none",
      "UsePAM no",
      "PasswordAuthentication no",
      "LogLevel VERBOSE",
      `AllowUsers ${this.user}`,
    ];
    const file = join(this.directory, "sshd_config");
    writeFileSync(file, `${[...always, ...config].join("\n")}\n`);
    writeFileSync(this.logFile, "");
    this.server = spawn("/usr/sbin/sshd", ["-D", "-f", file, "-E", this.logFile], { stdio: "ignore" });
    await until(
      "sshd listens",
      async () => {
        if (!this.log().includes("Server listening on")) throw new Error(this.log());
        return Promise.resolve();
      },
      10,
    );
  }

  /** What it has said since it was started. */
  log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  /** Nobody listens any more, and nobody is connected. */
  async stop(): Promise<void> {
    const { server } = this;
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    // A connection's process outlives the one that listens.
    const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8");
    const ended = new Promise((resolve) => server.on("exit", resolve));
    server.kill();
    await ended;
    const pids = children.split(" ").filter(Boolean);
    for (const pid of pids) {
      try {
        process.kill(Number(pid));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
    await until(
      "its connections have ended",
      () => {
        const left = pids.filter((pid) => existsSync(`/proc/${pid}/exe`)); // gone from what nobody has waited for, too
        return left.length === 0 ? Promise.resolve() : Promise.reject(new Error(left.join(" ")));
      },
      10,
    );
  }

  /** With its user and its directory. */
  async remove(): Promise<void> {
    await this.stop();
    execFileSync("userdel", ["--remove", "--force", this.user], { stdio: "ignore" });
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get logFile(): string {
    return join(this.directory, "sshd.log");
  }
}
