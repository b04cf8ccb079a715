import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { DockerCli } from "./engine";
import { isOfATest, prefixes } from "./prefixes";

/** Held by the run that is at work, and let go by the system however it ends. Below the ports that connections get by themselves. */
const heldPort = 31999;

/**
 * Before the first test: removes what a run that was killed left, which bears a prefix of the tests, and nothing else.
 * @throws Error where another run is at work on this machine: it has the same names.
 */
export default async function sweep(): Promise<void> {
  // Whoever only lists the tests may do it beside a run.
  if (process.argv.includes("list")) return;
  await beTheOnlyOne();
  const docker = new DockerCli();
  for (const prefix of prefixes) {
    for (const name of docker.containers(prefix)) docker.run("rm", "--force", "--volumes", name);
    for (const name of docker.networks(prefix)) docker.run("network", "rm", name);
  }
  // The rest takes root and an engine on this machine, as most of these tests do.
  if (process.getuid?.() !== 0) return;
  for (const parent of ["/opt", "/srv"]) {
    for (const name of existsSync(parent) ? readdirSync(parent) : []) {
      if (isOfATest(name)) removeTree(join(parent, name));
    }
  }
  const notes = "/var/lib/rocketchat-places";
  for (const file of existsSync(notes) ? readdirSync(notes) : []) {
    // STACK.PREFIXrocketchat.KIND
    if (isOfATest(file.slice(file.indexOf(".") + 1))) rmSync(join(notes, file));
  }
}

function beTheOnlyOne(): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(
              `tests on an engine: must be run once at a time (got a second run on this machine, or something else on port ${heldPort}); wait for the other one`,
            )
          : error,
      ),
    );
    server.listen({ port: heldPort, host: "127.0.0.1", exclusive: true }, () => resolve());
    server.unref();
  });
}

/** A disk of a test may still be mounted in it. */
function removeTree(directory: string): void {
  const mounted = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((place) => place === directory || place.startsWith(`${directory}/`));
  for (const place of mounted.reverse()) execFileSync("umount", [place]);
  rmSync(directory, { recursive: true, force: true });
}
