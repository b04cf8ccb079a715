import { readFileSync, statSync } from "node:fs";
import { isSecretVariable } from "./child-environment";
import { printable } from "../settings/printable";
import { Mask, ShownStream, withLines } from "./mask";

/** What a stack is worked on with: their values are secrets whatever they look like. */
const credentials =
  /^(PULUMI_(CONFIG_PASSPHRASE|ACCESS_TOKEN)|AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN)|AZURE_STORAGE_KEY|GITHUB_TOKEN)$/;

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
  const named = Object.entries(env).flatMap(([name, value]) => {
    if (!value || !isSecretVariable(name) || /_(FILE|PATH|DIR|URL|URI)$|^npm_package_/i.test(name)) return [];
    return credentials.test(name) || !isWord(value) ? withLines(value) : [];
  });
  return [...named, ...firstLine(env["PULUMI_CONFIG_PASSPHRASE_FILE"])];
}

/** A short value or a word, such as `X_TOKEN=production`: it would be hidden wherever it is said, and that would tell it. */
function isWord(value: string): boolean {
  return value.length < 8 || /^[a-z]{1,19}$/i.test(value);
}

function firstLine(file: string | undefined): string[] {
  try {
    if (!file || !statSync(file).isFile()) return [];
    return [readFileSync(file, "utf8").trim()];
  } catch {
    return [];
  }
}
