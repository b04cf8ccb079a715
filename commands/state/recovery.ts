import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { commandFor } from "../../settings/command";
import { type Rebuild, rebuildable, dockerView, isStep, keptIn, nameOf, onEngine } from "./rebuild";
import {
  type Exported,
  exportState,
  importState,
  previewOf,
  type Previewed,
  type Recorded,
} from "./checkpoint";
import { takeOver } from "./interrupted";
import { marked } from "./leftovers";
import { removeLock } from "./lock";
import { projectRoot, stateDirectory } from "../../terminal/paths";
import type { Stack } from "../stack/stack";
import { writeWhole } from "../stack/stack-file";
import { OperatorError, say, step } from "../../terminal/steps";

const directory = join(stateDirectory, "recovered");

/**
 * Rebuilds the state of a service that runs, from the program's own preview and the engine's ids. Nothing on the engine is
 * made, changed or restarted. It may be killed anywhere: `up` then asks for it again, and it begins anew.
 * @returns what the next `up` would do to the service, because the program describes something else than what runs
 * @throws OperatorError when another deployment is at work, or when there is nothing to recover.
 */
export async function recover(stack: Stack): Promise<Previewed[]> {
  const { locks, exported: before } = await takeOver(stack);
  for (const lock of locks) removeLock(stack, lock);
  if (before === undefined) {
    throw new OperatorError(
      `stack ${stack.name}: must be there, if only empty (got none in this backend); ` +
        `run: ${commandFor(stack.name, "pulumi", "stack", "init", stack.name)}, then the command again`,
    );
  }
  say("▸ asking the program what it makes, and the engine what is there …");
  const old = before.deployment.resources ?? [];
  const copy = keepCopy(stack, before);
  const again = isUnfinished(stack);
  writeWhole(marker(stack), "");
  await importState(stack, withResources(before, []));
  let rebuild: Rebuild;
  let nothingRuns = false;
  try {
    // Only the preview on an empty state names everything.
    rebuild = { stack: stack.name, program: await previewOf(stack), view: dockerView(stack.env) };
    const running = await onEngine(rebuild);
    nothingRuns = running.length === 0;
    if (nothingRuns) refuse(stack, "must run", "no container and no network of it on its engine");
    if (!again && running.every((id) => old.some((record) => record.id === id)))
      refuse(stack, "must have lost something", "a state that knows all that runs");
  } catch (error) {
    // What an interrupted recovery recorded is of no use once nothing runs: the empty state is right.
    if (!again || !nothingRuns) await importState(stack, before);
    rmSync(copy);
    if (!again || nothingRuns) rmSync(marker(stack));
    throw error;
  }
  if (old.length === 0 || again) rmSync(copy);
  else say(`  the state that was there is kept in ${relative(projectRoot, copy)}`);
  return rebuildAll(stack, rebuild);
}

/** Round by round: what hangs on an id or a random value is known in the preview after that is recorded. */
async function rebuildAll(stack: Stack, rebuild: Rebuild): Promise<Previewed[]> {
  let left = rebuild.program;
  for (const anything of [false, true]) {
    for (;;) {
      const state = await exportState(stack);
      if (state === undefined) throw new Error(`stack ${stack.name}: went away meanwhile`);
      const known = state.deployment.resources ?? [];
      const records = await rebuildable(rebuild, left, known, anything);
      if (records.length === 0) break;
      await importState(stack, withResources(state, [...known, ...records]));
      report(records);
      await pulumi(stack, "reading back what is there", "refresh");
      left = await previewOf(stack);
    }
  }
  rmSync(marker(stack));
  const differs = left.filter(({ newState, oldState }) => !isStep((newState ?? oldState)?.type ?? ""));
  for (const { newState } of differs) {
    const kept = newState && keptIn(rebuild.program, newState);
    if (kept)
      say(`  ${kept.file}: is not on the host; put it back from a copy, or the next up makes a new one`);
  }
  if (differs.length > 0) return differs;

  await pulumi(stack, "running the program's steps again, which find their work done", "up");
  return previewOf(stack);
}

function withResources(state: Exported, resources: Recorded[]): Exported {
  return { ...state, deployment: { ...state.deployment, resources, pending_operations: [] } };
}

function report(records: Recorded[]): void {
  for (const { urn, type, id } of records.filter(({ type }) => type.startsWith("docker:")))
    say(`  found ${type.split(":").at(-1)} ${nameOf(urn)}: ${id}`);
}

function refuse(stack: Stack, rule: string, got: string): never {
  throw new OperatorError(
    `stack ${stack.name}: ${rule} (got ${got}); there is nothing to recover, use ${commandFor(stack.name, "up")}`,
  );
}

/** Whether a recovery was interrupted: its state knows ids and no more, and an `up` would take what runs for something else. */
export function isUnfinished(stack: Stack): boolean {
  return existsSync(marker(stack));
}

function marker(stack: Stack): string {
  return join(directory, `${stack.name}.unfinished`);
}

/** Encrypted as it was. */
function keepCopy(stack: Stack, state: Exported): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `${stack.name}-${new Date().toISOString().replaceAll(":", "")}.json`);
  writeWhole(file, JSON.stringify(state, null, 2));
  return file;
}

async function pulumi(stack: Stack, title: string, command: string): Promise<void> {
  await step({
    title,
    log: `recover-${command}`,
    command: "pulumi",
    args: [command, "--yes", "--skip-preview", "--suppress-outputs", ...stack.configArgs],
    env: marked(stack),
    fix: `mend what it says, then run ${commandFor(stack.name, "up")}`,
  });
}
