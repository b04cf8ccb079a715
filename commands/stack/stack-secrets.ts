import { type Exported, secretMark } from "../state/checkpoint";
import { withLines } from "../../terminal/mask";
import { learn } from "../../terminal/shown";
import type { Stack } from "./stack";
import { capture } from "../../terminal/steps";

/**
 * Learns a stack's secret settings and whatever its state keeps as a secret: outputs, generated passwords, tokens. Where they cannot be
 * read, they cannot be told either; the command that needs them says why.
 */
export async function learnSecrets({ name, env, configArgs }: Stack): Promise<void> {
  const pulumi = (...args: string[]) => capture({ command: "pulumi", args, env });
  const [config, state] = await Promise.all([
    pulumi("config", "--json", "--show-secrets", ...configArgs),
    pulumi("stack", "export", "--show-secrets", "--stack", name),
  ]);
  if (config.status === 0) learn(secretsOfConfig(JSON.parse(config.stdout) as Config));
  if (state.status === 0) learn(secretsOfState(JSON.parse(state.stdout) as Exported));
}

/** As `pulumi config --json --show-secrets` writes it. */
type Config = Record<string, { value?: string; secret: boolean }>;

export function secretsOfConfig(config: Config): string[] {
  return Object.values(config).flatMap(({ value, secret }) =>
    secret && value !== undefined ? withLines(value) : [],
  );
}

/** The secrets of a state that was exported in plain text. What it also says openly, such as a name, is none. */
export function secretsOfState({ deployment }: Exported): string[] {
  const secrets = new Set<string>();
  const open = new Set<string>();
  collect(deployment, false);
  return [...secrets].filter((secret) => !open.has(secret));

  function collect(value: unknown, secret: boolean): void {
    if (typeof value === "string") (secret ? secrets : open).add(value);
    if (typeof value !== "object" || value === null) return;
    const { [secretMark.key]: mark, plaintext } = value as Record<string, unknown>;
    if (mark === secretMark.value && typeof plaintext === "string")
      return collect(JSON.parse(plaintext), true);
    for (const member of Object.values(value)) collect(member, secret);
  }
}
