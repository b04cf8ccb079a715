import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";
import { clientEnvironment } from "../terminal/child-environment";

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

  /** The line that tells the most: before the CLI's own advice. */
  get reason(): string {
    if (this.missing) return "there is no docker CLI on this machine";
    const lines = this.said
      .split("\n")
      .filter((line) => line.trim() !== "" && !/^See |^Run 'docker/.test(line));
    return lines.at(-1)?.trim() ?? "no answer in time";
  }
}

/** What the docker CLI needs to reach an engine, and nothing else of this process. */
export function engineEnvironment(engine: string): NodeJS.ProcessEnv {
  // Also under plain `pulumi up`, where nobody put it there.
  const path = `${join(__dirname, "..", "scripts", "ssh")}${delimiter}${process.env["PATH"] ?? ""}`;
  // Long enough for a server that is there; the docker CLI needs two seconds more to say that it is not.
  return clientEnvironment({ PATH: path, DOCKER_HOST: engine, ROCKETCHAT_SSH_TIMEOUT: "6" });
}

/** Options of a `docker run` that leaves nothing, also when this process is killed: the next deployment ends it. */
export const throwAway = [
  "run",
  "--rm",
  "--log-driver=none",
  "--read-only",
  "--security-opt=no-new-privileges",
  "--cap-drop=ALL",
  `--label=rocketchat.deployment=${process.env["ROCKETCHAT_DEPLOYMENT"] ?? ""}`,
];

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
    const env = engineEnvironment(this.engine);
    const timeout = Math.max(1, this.deadline - Date.now());
    return new Promise((resolve, reject) => {
      execFile("docker", args, { env, timeout, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(new DockerFailed(error.killed ? "" : stderr.trim(), error.code === "ENOENT"));
      });
    });
  }
}
