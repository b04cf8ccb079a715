import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { Client } from "../../engine/client";
import { deploymentLabel, withLabel } from "../../engine/labels";
import { projectRoot } from "../../terminal/paths";
import type { Stack } from "../stack/stack";
import { say } from "../../terminal/steps";

const variable = "ROCKETCHAT_DEPLOYMENT";

/**
 * The environment of a pulumi that changes things. Its plugins, shells and throw-away containers carry the mark, and outlive it
 * when it is killed: Pulumi gives each plugin a process group of its own.
 */
export function marked(stack: Stack): NodeJS.ProcessEnv {
  return { ...stack.env, [variable]: markOf(stack) };
}

/**
 * Ends what a killed deployment of this stack left at work, which would otherwise write beside the next one. Each step is mended
 * by a repeat, so it may be ended anywhere. To be called only while no deployment of the stack is at work.
 */
export async function endLeftovers(stack: Stack, engines: string[]): Promise<void> {
  let ended = 0;
  for (let found = processesOf(markOf(stack)); found.length > 0; found = processesOf(markOf(stack))) {
    for (const pid of found) kill(pid);
    ended += found.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const engine of engines) ended += await removeHelpers(stack, engine);
  if (ended > 0) say(`▸ ended ${ended} process(es) and step(s) that an interrupted command had left at work`);
}

function markOf(stack: Stack): string {
  return `${stack.name}@${hostname()}:${projectRoot}`;
}

/** Processes of this machine, where it has /proc. */
function processesOf(mark: string): number[] {
  const entry = `${variable}=${mark}`;
  return list("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => read(`/proc/${pid}/environ`).split("\0").includes(entry) && !isZombie(pid));
}

function isZombie(pid: number): boolean {
  return / [ZX] /.test(read(`/proc/${pid}/stat`).replace(/^.*\)/, ""));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** The containers of `scripts/host/helper.sh`; their work is a step's, and they hold no data. */
async function removeHelpers(stack: Stack, engine: string): Promise<number> {
  const docker = new Client(engine, stack.env);
  const filter = withLabel(deploymentLabel, markOf(stack));
  const answer = await docker.try(["ps", "--all", "--quiet", filter]);
  const ids = answer.stdout.split("\n").filter((id) => id !== "");
  if (ids.length > 0) await docker.try(["rm", "--force", ...ids]);
  return ids.length;
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended, or is another user's
  }
}
