import { everyPartName } from "../../inventory";
import { Client } from "../../engine/client";
import { stackLabel, withLabel } from "../../engine/labels";
import { commandFor } from "../../settings/command";
import type { PlainSettings } from "../../settings/schema";
import { isWithin } from "../../settings/within";
import { type Exported, exportState, type Recorded } from "../state/checkpoint";
import { isUnfinished } from "../state/recovery";
import { settingsOf } from "../stack/settings-of";
import type { Stack } from "../stack/stack";
import { OperatorError } from "../../terminal/steps";

/** A container on the engine. */
interface There {
  id: string;
  name: string;
  /** Directories and files of the host that it has, whether it runs or not. */
  mounts: string[];
}

/** The containers of the stack's parts, running or not; none where the engine does not answer. */
export async function serviceOf(stack: Stack, settings: PlainSettings): Promise<There[]> {
  const names = everyPartName(settings);
  return (await labelled(stack, settings)).filter(({ name }) => names.includes(name));
}

/**
 * The stack's containers that have something of what these directories hold, or bear the name of a part, as the settings or earlier ones
 * name them. Another stack of the same name, from another clone, has directories of its own.
 */
export async function usersOf(
  stack: Stack,
  settings: PlainSettings,
  directories: string[],
): Promise<There[]> {
  const names = everyPartName(settings);
  const isUsed = (mount: string) =>
    directories.some((path) => isWithin(mount, path) || isWithin(path, mount));
  return (await labelled(stack, settings)).filter(
    ({ name, mounts }) => names.includes(name) || mounts.some(isUsed),
  );
}

/** All that bear the stack's label, whatever they are called: of its parts as earlier settings named them, and of its commands. */
export async function labelled(stack: Stack, { engine }: PlainSettings): Promise<There[]> {
  const format = "--format={{.ID}}\t{{.Names}}\t{{.Mounts}}";
  const ofStack = withLabel(stackLabel, stack.name);
  const answer = await new Client(engine, stack.env).try(["ps", "--all", "--no-trunc", format, ofStack]);
  if (answer.status !== 0) return [];
  return answer.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"))
    .map(([id = "", name = "", mounts = ""]) => ({
      id,
      name,
      mounts: mounts.split(",").filter((mount) => mount !== ""),
    }));
}

/**
 * Looks whether the stack's own containers are there and its state does not know them: it was lost, or is an older one. An
 * `up` would then end with a name that is taken, and a `down` would leave them.
 * @throws OperatorError that names them and the command that helps.
 */
export async function refuseUnknownService(stack: Stack): Promise<void> {
  await knownService(stack);
}

/**
 * What must not be when a stack is deployed: a service that its state does not know, or another prefix than the one of the
 * service that it knows. That one would go, and an empty one start beside its data.
 * @param state As it was just read. @default it is read
 * @returns the stack's settings, where they and a state can be had
 * @throws OperatorError with the reason and the way out.
 */
export async function refuseOtherService(stack: Stack, state?: Exported): Promise<PlainSettings | undefined> {
  const known = await knownService(stack, state);
  if (known === undefined) return undefined;
  const { prefix } = known.settings;
  const before = prefixOf(known.resources);
  if (before === undefined || before === prefix) return known.settings;
  throw new OperatorError(
    `prefix: must stay ${JSON.stringify(before)}, the one of the service that runs (got ${JSON.stringify(prefix)}); nothing was changed; ` +
      `set it back; for a second service make a stack of its own; docs/operate.md tells how to rename one`,
  );
}

/** The prefix that a state's Rocket.Chat was made with. */
export function prefixOf(resources: Recorded[]): string | undefined {
  const name = resources.find(
    ({ type, urn }) => type === "docker:index/container:Container" && urn.endsWith("::rocketchat"),
  )?.inputs?.["name"];
  return typeof name === "string" && name.endsWith("rocketchat")
    ? name.slice(0, -"rocketchat".length)
    : undefined;
}

/** @returns the state and the settings, where both can be had. */
async function knownService(
  stack: Stack,
  read?: Exported,
): Promise<{ resources: Recorded[]; settings: PlainSettings } | undefined> {
  const recover = commandFor(stack.name, "recover");
  if (isUnfinished(stack)) {
    throw new OperatorError(
      `stack ${stack.name}: its recovery must be finished (got one that was interrupted); nothing was changed; run: ${recover}`,
    );
  }
  const state = read ?? (await exportState(stack));
  // A setting that is refused, too: the command that follows says what it needs.
  const settings = await settingsOf(stack).catch(() => undefined);
  if (state === undefined || settings === undefined) return undefined;
  const { resources = [] } = state.deployment;
  const known = new Set(resources.map(({ id }) => id));
  const unknown = (await serviceOf(stack, settings))
    .filter(({ id }) => !known.has(id))
    .map(({ name }) => name);
  if (unknown.length === 0) return { resources, settings };
  throw new OperatorError(
    `stack ${stack.name}: its state must know its containers (got ${unknown.join(", ")}, which it does not know: it was lost, or is an older one); ` +
      `nothing was changed; run: ${recover}`,
  );
}
