import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { Client } from "../engine/client";
import { withoutSecrets } from "../terminal/child-environment";
import { engineFault } from "../engine/fault";
import { stateDirectory } from "../terminal/paths";
import { capture, type Captured, OperatorError, say, step } from "../terminal/steps";

/**
 * The address of a running Docker engine: the one that the docker CLI reaches, on this machine or another one; or, on Debian
 * as root, one that is installed and started here. A stack with an `engine` of its own needs none on this machine.
 * @throws OperatorError that says what to do.
 */
export async function ensureEngine(): Promise<string> {
  const running = await runningEngine();
  if (running !== undefined) return running;
  await refuseRemote();

  const debian = existsSync("/etc/debian_version") && process.getuid?.() === 0;
  if (!debian) {
    throw new OperatorError(
      "Docker: must be installed and running (got no answer from an engine); install it as docs.docker.com/engine/install " +
        "says, start it, and see that `docker info` works for this user",
    );
  }
  if (!(await installed("dockerd")) || !(await installed("docker"))) {
    await step({
      title: "installing Docker (Debian's docker.io)",
      about: "about 1 minute",
      log: "docker-install",
      command: "sh",
      args: ["-c", "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker.io"],
      fix: "see that Debian's packages can be reached, then run the command again",
    });
    const started = await runningEngine();
    if (started !== undefined) return started;
  }
  return startEngine();
}

async function startEngine(): Promise<string> {
  const logFile = join(stateDirectory, "logs", "dockerd.log");
  mkdirSync(join(stateDirectory, "logs"), { recursive: true });
  say("▸ starting the Docker engine …");
  // A service manager keeps it running from now on, where there is one.
  if (existsSync("/run/systemd/system")) {
    await capture({ command: "systemctl", args: ["start", "docker"] });
  } else {
    const log = openSync(logFile, "a");
    spawn("dockerd", [], { detached: true, env: withoutSecrets(), stdio: ["ignore", log, log] }).unref();
  }
  const deadline = Date.now() + 60_000;
  for (;;) {
    const host = await runningEngine();
    if (host !== undefined) return host;
    if (Date.now() > deadline) {
      throw new OperatorError(
        `Docker: the engine did not answer within 60 s of its start; its output is in ${logFile}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function runningEngine(): Promise<string | undefined> {
  const info = await askVersion();
  return info.status === 0 ? await address() : undefined;
}

/** An engine on another machine is not mended by installing one here. */
async function refuseRemote(): Promise<void> {
  const engine = await address();
  if (!engine.startsWith("ssh://")) return;
  const { rule, fix } = engineFault(engine, (await askVersion()).stderr);
  throw new OperatorError(`engine: ${rule} (got ${engine}); ${fix}`);
}

/** Of the one that the docker CLI is set to. */
const asSet = new Client();

function askVersion(): Promise<Captured> {
  return asSet.try(["version", "--format", "{{.Server.Version}}"]);
}

/** What the docker CLI talks to. */
async function address(): Promise<string> {
  if (process.env["DOCKER_HOST"]) return process.env["DOCKER_HOST"];
  const context = await asSet.try(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]);
  return context.status === 0 ? context.stdout.trim() : "unix:///var/run/docker.sock";
}

async function installed(program: string): Promise<boolean> {
  return (await capture({ command: "sh", args: ["-c", `command -v ${program}`] })).status === 0;
}
