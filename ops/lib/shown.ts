import { readFileSync, statSync } from "node:fs";
import { isSecretVariable } from "../../settings/child-environment";
import { printable } from "../../settings/printable";
import { Mask, ShownStream } from "./mask";

const known = new Set(secretsOfEnvironment(process.env));
let mask: Mask | undefined;

/** A text of somebody else as it may be shown, to the operator, in a job's summary, in a log: printable, without secrets that are known. */
export function shown(text: string): string {
  return currentMask().hide(printable(text));
}

/** The same for a text that comes in pieces. */
export function shownStream(): ShownStream {
  return new ShownStream(currentMask);
}

function currentMask(): Mask {
  return (mask ??= new Mask(known));
}

export function learn(secrets: Iterable<string>): void {
  for (const secret of secrets) known.add(secret);
  mask = undefined;
}

/** The passphrase, and credentials of the backend and of the job. */
export function secretsOfEnvironment(env: NodeJS.ProcessEnv): string[] {
  const named = Object.entries(env).flatMap(([name, value]) =>
    isSecretVariable(name) && !/_(FILE|PATH|DIR|URL|URI)$|^npm_package_/i.test(name) && value ? [value] : [],
  );
  return [...named, ...firstLine(env["PULUMI_CONFIG_PASSPHRASE_FILE"])];
}

function firstLine(file: string | undefined): string[] {
  try {
    if (!file || !statSync(file).isFile()) return [];
    return [readFileSync(file, "utf8").trim()];
  } catch {
    return [];
  }
}
