import { execFile } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { engineFault } from "./engine-fault";
import { sharedServers } from "./preflight/shared-servers";
import { refusal } from "./problems";
import type { Settings } from "./schema";

/** Since 20.10 a container may listen on ports below 1024 without a capability, as Traefik does. */
const oldestEngine = [20, 10] as const;

/**
 * The checks that need the engine, before the first resource. A preview makes none, so that it needs no server.
 * @throws RunError that names the key, the rule, what was found and the fix.
 */
export async function preflight(settings: Settings): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  const version = await engineVersion(settings.engine);
  const [major, minor] = version.split(".").map(Number) as [number, number];
  if (major < oldestEngine[0] || (major === oldestEngine[0] && minor < oldestEngine[1])) {
    throw refusal(
      `engine: must run Docker ${oldestEngine.join(".")} or later (got ${version}); update Docker on that host`,
    );
  }
  await sharedServers(settings);
}

function engineVersion(engine: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DOCKER_HOST: engine };
    const args = ["version", "--format", "{{.Server.Version}}"];
    execFile("docker", args, { env, timeout: 15_000 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout.trim());
      if (error.code === "ENOENT") {
        const rule = "is reached with the docker CLI (got no docker on the PATH)";
        return reject(refusal(`engine: ${rule}; install Docker's CLI`));
      }
      const { rule, fix } = engineFault(engine, stderr);
      reject(refusal(`engine: ${rule} (got ${engine}); ${fix}`));
    });
  });
}
