import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Clone, Run } from "./clone";
import { lines } from "./engine";
import { until } from "./site";
import { Sshd } from "./sshd";

/**
 * A server that is reached by ssh: a real sshd on 127.0.0.1, with host key and configuration of its own, and a user who is in
 * the group `docker` and not root. And the operator's side of it: an ssh configuration that knows the server under another
 * name, known hosts, an agent with the key. Needs root.
 *
 * ssh reads the configuration of the home directory in the password file, wherever HOME points. So the operator's commands
 * run in a mount namespace in which that directory's `.ssh` is the test's.
 */
export class RemoteHost {
  /** The operator's name for the server, from the ssh configuration alone. */
  readonly name = "chat-server";
  readonly engine: string;
  /** Of the commands: the agent, where shared connections are kept, and no engine on this machine. */
  readonly env: NodeJS.ProcessEnv;
  private readonly directory: string;
  private readonly dotSsh: string;
  private sshd: Sshd | undefined;
  private agent: ChildProcess | undefined;
  private madeMountPoint = false;

  /** @param deadPort A second port, behind which the user finds an engine that does not run. */
  constructor(
    readonly user: string,
    readonly port: number,
    readonly deadPort: number,
  ) {
    // Short: a socket's path may have about 100 characters.
    this.directory = mkdtempSync(join(tmpdir(), "itx-"));
    chmodSync(this.directory, 0o755); // the user's home is in it
    this.dotSsh = join(this.directory, "dot-ssh");
    const sharing = join(this.directory, "sharing");
    for (const path of [this.dotSsh, sharing]) mkdirSync(path, { mode: 0o700 });
    this.engine = `ssh://${user}@${this.name}`;
    this.env = {
      DOCKER_HOST: "unix:///nowhere/docker.sock",
      ROCKETCHAT_SSH_DIRECTORY: sharing,
      SSH_AUTH_SOCK: join(this.directory, "agent.sock"),
    };
  }

  /** @param limits Lines of sshd_config. */
  async start(limits: string[]): Promise<void> {
    this.sshd = new Sshd(this.directory, { user: this.user, groups: ["docker"] });
    writeFileSync(
      join(this.dotSsh, "config"),
      `Host ${this.name}\n  HostName 127.0.0.1\n  Port ${this.port}\nHost ${this.name}-dead\n  HostName 127.0.0.1\n  Port ${this.deadPort}\n`,
    );
    await this.startAgent();
    await this.serve(limits);
  }

  /** Starts sshd anew, under these limits; whoever is connected is cut off. */
  serve(limits: string[]): Promise<void> {
    return this.sshd!.serve([
      `Port ${this.port}`,
      `Port ${this.deadPort}`,
      "ListenAddress 127.0.0.1",
      ...limits,
      `Match LocalPort ${this.deadPort}`,
      "  SetEnv DOCKER_HOST=unix:///nowhere/docker.sock",
    ]);
  }

  /** As a person does who has compared the key. */
  trustHostKey(): void {
    const known = [this.port, this.deadPort].map((port) => `${this.sshd!.knownHost("127.0.0.1", port)}\n`);
    writeFileSync(join(this.dotSsh, "known_hosts"), known.join(""));
  }

  /** What the server has seen since it was started. */
  connections(): { opened: number; dropped: number; sessions: number } {
    const log = lines(this.sshd!.log());
    const count = (pattern: RegExp) => log.filter((line) => pattern.test(line)).length;
    return {
      opened: count(/^Connection from /),
      dropped: count(/^drop connection/),
      sessions: count(/^Starting session: /),
    };
  }

  /** `npm run` as the operator. */
  npm(clone: Clone, script: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Run> {
    return this.run(clone, ["npm", "run", "--silent", script, "--", ...args], env);
  }

  /** A command as the operator, in a clone. */
  run(clone: Clone, command: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
    const home = this.mountPoint();
    const settings = Object.entries({ ...this.env, ...env }).map(([name, value]) => `${name}=${value}`);
    const inside = [
      "sh",
      "-c",
      'mount --bind "$1" "$2" && shift 2 && exec env "$@"',
      "sh",
      this.dotSsh,
      home,
    ];
    return clone.run("unshare", ["--mount", ...inside, ...settings, ...command]);
  }

  async remove(): Promise<void> {
    this.agent?.kill();
    await this.sshd?.remove();
    rmSync(this.directory, { recursive: true, force: true });
    if (this.madeMountPoint) rmdirSync(this.mountPoint());
  }

  private mountPoint(): string {
    const path = join(userInfo().homedir, ".ssh");
    if (!existsSync(path)) {
      mkdirSync(path, { mode: 0o700 });
      this.madeMountPoint = true;
    }
    return path;
  }

  private async startAgent(): Promise<void> {
    const socket = this.env["SSH_AUTH_SOCK"]!;
    this.agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    await until(
      "the agent takes the key",
      () =>
        Promise.resolve(
          execFileSync("ssh-add", ["-q", this.sshd!.keyFile("user-key")], { env, stdio: "pipe" }),
        ),
      10,
    );
    rmSync(this.sshd!.keyFile("user-key")); // only the agent has it
  }
}
