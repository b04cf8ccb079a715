import type { Stack } from "../stack/stack";
import { capture, OperatorError } from "../../terminal/steps";

/** What marks a value as a secret; its `plaintext` is JSON. */
export const secretMark = {
  key: "4dabf18193072939515e22adb298388d",
  value: "1b47061264138c4ac30d75fd1eb44270",
} as const;

/** A resource as Pulumi's checkpoint and its previews have it. */
export interface Recorded {
  urn: string;
  type: string;
  custom?: boolean;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  parent?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  /** `URN::ID` */
  provider?: string;
  /** The old one of a replacement, which is still to go. */
  delete?: boolean;
}

export interface Deployment {
  resources?: Recorded[];
  pending_operations?: { type: string; resource: Recorded }[];
}

/** As `stack export` writes it. */
export interface Exported {
  version: number;
  deployment: Deployment;
}

/** One thing that an `up` would do. */
export interface Previewed {
  op: string;
  urn: string;
  newState?: Recorded;
  oldState?: Recorded;
}

/**
 * A stack's state. Nothing where the stack or the login is not there yet.
 * @param secrets Whether its secrets are encrypted, or plain, which needs the passphrase.
 * @throws OperatorError when it is there and cannot be read.
 */
export async function exportState(
  stack: Stack,
  secrets: "encrypted" | "plain" = "encrypted",
): Promise<Exported | undefined> {
  const plain = secrets === "plain" ? ["--show-secrets"] : [];
  const args = ["stack", "export", "--stack", stack.name, ...plain];
  const answer = await capture({ command: "pulumi", args, env: stack.env });
  if (answer.status === 0) return JSON.parse(answer.stdout) as Exported;
  if (/no stack named|PULUMI_ACCESS_TOKEN|pulumi login/.test(answer.stderr)) return undefined;
  throw new OperatorError(
    `${answer.stderr.trim()}\nstack ${stack.name}: its state must be readable (status ${answer.status}); mend what it says, then run the command again`,
  );
}

/** Pulumi takes plain secrets that are marked as such on standard input, and encrypts them as it stores them. */
export async function importState(stack: Stack, exported: Exported): Promise<void> {
  const answer = await capture({
    command: "pulumi",
    args: ["stack", "import", "--stack", stack.name],
    env: stack.env,
    input: JSON.stringify(exported),
  });
  if (answer.status !== 0) {
    throw new OperatorError(
      `${answer.stderr.trim()}\nstack ${stack.name}: its state could not be stored (status ${answer.status}); mend what it says, then run the command again`,
    );
  }
}

/** What an `up` would do; nothing for what stays as it is. Secrets are not shown. */
export async function previewOf(stack: Stack): Promise<Previewed[]> {
  const args = ["preview", "--json", ...stack.configArgs];
  const answer = await capture({ command: "pulumi", args, env: stack.env });
  if (answer.status !== 0) {
    throw new OperatorError(
      `${answer.stderr.trim()}\n${answer.stdout.trim()}\nstack ${stack.name}: no preview of it could be made (status ${answer.status}); mend what it says, then run the command again`,
    );
  }
  const { steps = [] } = JSON.parse(answer.stdout) as { steps?: Previewed[] };
  return steps.filter(({ op }) => op !== "same");
}
