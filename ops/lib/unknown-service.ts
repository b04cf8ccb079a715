import { commandFor } from "../../settings/command";
import type { PlainSettings } from "../../settings/resolve";
import { exportState } from "./checkpoint";
import { isUnfinished } from "./recovery";
import { settingsOf } from "./settings-of";
import type { Stack } from "./stack";
import { capture, OperatorError } from "./steps";

/** What a stack of this prefix may run, whatever its settings. */
const parts = ["rocketchat", "rocketchat-backup", "mongodb-shared", "traefik", "test-ca"];

/** The stack's own containers, running or not; none where the engine does not answer. */
export async function serviceOf(
  stack: Stack,
  { engine, prefix }: PlainSettings,
): Promise<{ id: string; name: string }[]> {
  const answer = await capture({
    command: "docker",
    args: [
      ...["ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}}"],
      ...["--filter", `label=rocketchat.stack=${stack.name}`],
    ],
    env: { ...stack.env, DOCKER_HOST: engine },
  });
  if (answer.status !== 0) return [];
  const names = parts.map((part) => `${prefix}${part}`);
  return answer.stdout
    .split("\n")
    .map((line) => line.split(" "))
    .flatMap(([id = "", name = ""]) => (names.includes(name) ? [{ id, name }] : []));
}

/**
 * Looks whether the stack's own containers are there and its state does not know them: it was lost, or is an older one. An
 * `up` would then end with a name that is taken, and a `down` would leave them.
 * @throws OperatorError that names them and the command that helps.
 */
export async function refuseUnknownService(stack: Stack): Promise<void> {
  const recover = commandFor(stack.name, "recover");
  if (isUnfinished(stack)) {
    throw new OperatorError(
      `stack ${stack.name}: its recovery must be finished (got one that was interrupted); nothing was changed; run: ${recover}`,
    );
  }
  const state = await exportState(stack);
  // A setting that is refused, too: the command that follows says what it needs.
  const settings = await settingsOf(stack).catch(() => undefined);
  if (state === undefined || settings === undefined) return;
  const known = new Set((state.deployment.resources ?? []).map(({ id }) => id));
  const unknown = (await serviceOf(stack, settings))
    .filter(({ id }) => !known.has(id))
    .map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new OperatorError(
    `stack ${stack.name}: its state must know its containers (got ${unknown.join(", ")}, which it does not know: it was lost, or is an older one); ` +
      `nothing was changed; run: ${recover}`,
  );
}
