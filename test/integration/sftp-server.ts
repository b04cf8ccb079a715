import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./site";

/** A server for files: a real sshd with a host key of its own and one user who may do sftp and nothing else. Needs root. */
export class SftpServer {
  readonly home: string;
  private readonly directory: string;
  private server: ChildProcess | undefined;

  constructor(
    readonly user: string,
    readonly address: string,
    readonly port: number,
  ) {
    if (!existsSync("/usr/sbin/sshd")) {
      const install =
        "apt-get update -qq && RUNLEVEL=1 apt-get install -y -qq --no-install-recommends openssh-server";
      execFileSync("sh", ["-c", install], {
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
        stdio: "pipe",
      });
    }
    this.directory = mkdtempSync(join(tmpdir(), "sftp-"));
    chmodSync(this.directory, 0o755);
    this.home = join(this.directory, "home");
    execFileSync("useradd", ["--create-home", "--home-dir", this.home, "--password", "*", user]);
    for (const key of ["host-key", "other-key", "user-key"])
      execFileSync("ssh-keygen", [
        "-q",
        "-t",
        "ed25519",
        "-N",
        "",
        "-C",
        "",
        "-f",
        join(this.directory, key),
      ]);
    mkdirSync(join(this.home, ".ssh"));
    cpSync(join(this.directory, "user-key.pub"), join(this.home, ".ssh", "authorized_keys"));
    execFileSync("chown", ["-R", user, join(this.home, ".ssh")]);
    const config = [
      ...[`Port ${port}`, `ListenAddress ${address}`, `HostKey ${join(this.directory, "host-key")}`],
      ...["PidFile none", "UsePAM no", "PasswordAuthentication no", `AllowUsers ${user}`],
      ...["Subsystem sftp internal-sftp", "ForceCommand internal-sftp"],
    ];
    writeFileSync(join(this.directory, "sshd_config"), `${config.join("\n")}\n`);
  }

  async start(): Promise<void> {
    mkdirSync("/run/sshd", { recursive: true });
    const log = join(this.directory, "sshd.log");
    writeFileSync(log, "");
    const args = ["-D", "-f", join(this.directory, "sshd_config"), "-E", log];
    this.server = spawn("/usr/sbin/sshd", args, { stdio: "ignore" });
    await until(
      "sshd listens",
      async () => {
        if (!readFileSync(log, "utf8").includes("Server listening"))
          throw new Error(readFileSync(log, "utf8"));
        return Promise.resolve();
      },
      10,
    );
  }

  /** Nobody listens any more. */
  async stop(): Promise<void> {
    const { server } = this;
    if (server === undefined || server.exitCode !== null) return;
    const ended = new Promise((resolve) => server.on("exit", resolve));
    server.kill();
    await ended;
  }

  /** A line of known_hosts, with the server's key or another one. */
  knownHost(key: "host-key" | "other-key"): string {
    const [type, bytes] = readFileSync(join(this.directory, `${key}.pub`), "utf8").split(" ");
    return `[${this.address}]:${this.port} ${type} ${bytes!.trim()}`;
  }

  userKey(): string {
    return readFileSync(join(this.directory, "user-key"), "utf8");
  }

  async remove(): Promise<void> {
    await this.stop();
    execFileSync("userdel", ["--remove", "--force", this.user], { stdio: "ignore" });
    rmSync(this.directory, { recursive: true, force: true });
  }
}
