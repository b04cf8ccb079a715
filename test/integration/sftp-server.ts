import { chmodSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sshd } from "./sshd";

/** A server for files: an sshd with one user who may do sftp and nothing else. Needs root. */
export class SftpServer {
  private readonly sshd: Sshd;

  constructor(
    readonly user: string,
    readonly address: string,
    readonly port: number,
  ) {
    const directory = mkdtempSync(join(tmpdir(), "sftp-"));
    chmodSync(directory, 0o755);
    this.sshd = new Sshd(directory, { user, moreKeys: ["other-key"] });
  }

  get home(): string {
    return this.sshd.home;
  }

  /** As `backup.repository` names a directory in the user's home. */
  repository(path: string): string {
    return `sftp://${this.user}@${this.address}:${this.port}${this.home}/${path}`;
  }

  start(): Promise<void> {
    return this.sshd.serve([
      `Port ${this.port}`,
      `ListenAddress ${this.address}`,
      "Subsystem sftp internal-sftp",
      "ForceCommand internal-sftp",
    ]);
  }

  /** Nobody listens any more. */
  stop(): Promise<void> {
    return this.sshd.stop();
  }

  /** A line of known_hosts, with the server's key or another one. */
  knownHost(key: "host-key" | "other-key"): string {
    return this.sshd.knownHost(this.address, this.port, key);
  }

  userKey(): string {
    return readFileSync(this.sshd.keyFile("user-key"), "utf8");
  }

  remove(): Promise<void> {
    return this.sshd.remove();
  }
}
