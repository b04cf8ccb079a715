import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";

/** What the docker CLI said when it failed. */
export class DockerFailed extends Error {
  constructor(
    /** Its standard error; empty when it was not done in time. */
    readonly said: string,
    /** There is no docker CLI on this machine. */
    readonly missing = false,
  ) {
    super(said);
  }
}

/** The docker CLI against one engine, until a moment. */
export class Docker {
  constructor(
    readonly engine: string,
    private readonly deadline: number,
  ) {}

  /** The same engine, with more time. */
  until(deadline: number): Docker {
    return new Docker(this.engine, deadline);
  }

  /**
   * What a command prints.
   * @throws DockerFailed
   */
  run(...args: string[]): Promise<string> {
    // Also under plain `pulumi up`, where nobody put it there.
    const path = `${join(__dirname, "..", "..", "ops", "ssh")}${delimiter}${process.env["PATH"] ?? ""}`;
    // Long enough for a server that is there; the docker CLI needs two seconds more to say that it is not.
    const env = { ...process.env, PATH: path, DOCKER_HOST: this.engine, ROCKETCHAT_SSH_TIMEOUT: "6" };
    const timeout = Math.max(1, this.deadline - Date.now());
    return new Promise((resolve, reject) => {
      execFile("docker", args, { env, timeout, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(new DockerFailed(error.killed ? "" : stderr.trim(), error.code === "ENOENT"));
      });
    });
  }
}
