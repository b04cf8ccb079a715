import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Client } from "../../engine/client";
import { stackLabel } from "../../engine/labels";
import { type Deployment, type Exported, exportState } from "./checkpoint";
import { backendDirectory, isStale, type Lock, locksOn, project, refuseHeld, removeLock } from "./lock";
import { endLeftovers, marked } from "./leftovers";
import type { Stack } from "../stack/stack";
import { OperatorError, say } from "../../terminal/steps";
import { pulumi } from "../stack/transcript";

/** Something that was being made when the deployment was killed; perhaps it is there. */
export interface Unfinished {
  kind: "container" | "network";
  name: string;
  /** The engine it was made on. */
  engine: string;
}

const kinds: Record<string, Unfinished["kind"]> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
};

/**
 * Makes a stack ready for its next deployment after one was killed: ends what is still at work, takes away the
 * containers and networks that were made and not recorded, the lock whose process is gone, and the pending operations. In this order, so that it may be killed too.
 * @returns the stack's state; nothing where there is none, or where it was changed
 * @throws OperatorError when another deployment is at work, or a name is taken by something that is not the stack's.
 */
export async function endInterrupted(stack: Stack): Promise<Exported | undefined> {
  const { locks, exported } = await takeOver(stack);
  const state = exported?.deployment;
  const pending = state?.pending_operations ?? [];
  for (const unfinished of unfinishedIn(state ?? {})) await removeUnfinished(stack, unfinished);
  for (const lock of locks) removeLock(stack, lock);
  if (pending.length === 0) return exported;

  say(
    `▸ the last deployment was interrupted in the middle of ${pending.length} step(s); looking at what is there …`,
  );
  const args = ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--suppress-outputs"];
  const { status } = await pulumi({ ...stack, env: marked(stack) }, ...args);
  if (status !== 0) {
    throw new OperatorError(
      `stack ${stack.name}: could not be read back after an interruption (status ${status}); mend what it says above, then run the command again`,
    );
  }
  return undefined;
}

/**
 * Sees that nobody is at work on a stack: not another deployment, and nothing that a killed one left.
 * @returns the locks of killed deployments, and the state where there is one
 * @throws OperatorError when another deployment is at work.
 */
export async function takeOver(stack: Stack): Promise<{ locks: Lock[]; exported: Exported | undefined }> {
  const locks = await locksOn(stack);
  const held = locks.find((lock) => !isStale(lock));
  if (held !== undefined) refuseHeld(stack, held);

  await removeTorn(stack);
  const exported = await exportState(stack);
  if (locks.length > 0) await endLeftovers(stack, enginesOf(exported?.deployment ?? {}));
  return { locks, exported };
}

/** The engines that a state's providers work on. */
function enginesOf({ resources = [] }: Deployment): string[] {
  const hosts = resources
    .filter(({ type }) => type === "pulumi:providers:docker")
    .map(({ inputs }) => inputs?.["host"]);
  return hosts.filter((host) => typeof host === "string");
}

/** What a state says was being created on an engine. A container that was being created holds no data. */
export function unfinishedIn(state: Deployment): Unfinished[] {
  return (state.pending_operations ?? []).flatMap(({ type, resource }) => {
    const kind = kinds[resource.type];
    const name = resource.inputs?.["name"];
    const provider = (state.resources ?? []).find(({ urn, id }) => `${urn}::${id}` === resource.provider);
    const engine = provider?.inputs?.["host"];
    if (type !== "creating" || kind === undefined || typeof name !== "string" || typeof engine !== "string")
      return [];
    return [{ kind, name, engine }];
  });
}

async function removeUnfinished(stack: Stack, { kind, name, engine }: Unfinished): Promise<void> {
  const docker = new Client(engine, stack.env);
  const label = kind === "container" ? ".Config.Labels" : ".Labels";
  const format = `{{index ${label} "${stackLabel}"}}`;
  const found = await docker.try([kind, "inspect", "--format", format, name]);
  if (found.status !== 0) {
    if (/no such/i.test(found.stderr) || /not found/i.test(found.stderr)) return;
    throw new OperatorError(
      `engine: must answer (got ${engine}: ${found.stderr.trim()}); try: docker --host ${engine} version`,
    );
  }
  const owner = found.stdout.trim();
  if (owner !== stack.name) {
    throw new OperatorError(
      `${kind} ${name}: must be free or of the stack ${stack.name} (got one of ${owner || "nobody we know"}); ` +
        `see whose it is, and if nobody needs it run: docker --host ${engine} ${kind} rm ${name}`,
    );
  }
  // With the time that a database gets to end: it may have started.
  if (kind === "container") await docker.try(["stop", "--time", "60", name]);
  const removed = await docker.try([kind, "rm", name]);
  if (removed.status !== 0) {
    throw new OperatorError(
      `${removed.stderr.trim()}\n${kind} ${name}: was made by the interrupted deployment and could not be removed; ` +
        `run: docker --host ${engine} ${kind} rm ${name}`,
    );
  }
  say(`▸ removed the ${kind} ${name}, which the interrupted deployment had not finished; it held no data`);
}

/**
 * Pulumi's file backend rewrites `NAME.json.attrs` in place before each checkpoint. Killed in between it leaves an empty one,
 * and says `failed to load checkpoint: EOF` from then on. It holds nothing that is needed; the checkpoint itself is whole.
 */
async function removeTorn(stack: Stack): Promise<void> {
  const backend = await backendDirectory(stack);
  const directory = backend && join(backend, "stacks", project);
  if (directory === undefined || !existsSync(directory)) return;
  const own = readdirSync(directory).filter((name) => name.startsWith(`${stack.name}.json`));
  for (const name of own) {
    const file = join(directory, name);
    const torn = name.endsWith(".attrs") && !isJson(readFileSync(file, "utf8"));
    // A checkpoint that was being written beside the one that counts.
    if (torn || name.endsWith(".tmp")) rmSync(file);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
