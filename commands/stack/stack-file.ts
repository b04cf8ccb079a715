import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { projectRoot, stateDirectory } from "../../terminal/paths";
import { OperatorError } from "../../terminal/steps";

/** Where the stack `local` keeps its state: a file backend, a passphrase and a working copy of its settings. */
export const localDirectory = join(stateDirectory, "local");
export const trackedSettings = join(projectRoot, "Pulumi.local.yaml");
/** Made from the tracked settings by every command anew. */
export const workingCopy = join(localDirectory, "Pulumi.local.yaml");

/** A stack's settings file. */
export interface StackFile {
  encryptionsalt?: string;
  config: Record<string, unknown>;
}

export function readConfig(file: string): StackFile {
  const { encryptionsalt, config } = parsed(file);
  return { ...(encryptionsalt === undefined ? {} : { encryptionsalt }), config: config ?? {} };
}

/** @throws OperatorError with the line, where the file is no YAML, or more than the one document that Pulumi would read. */
function parsed(file: string): Partial<StackFile> {
  const [document, ...others] = parseAllDocuments(readFileSync(file, "utf8"));
  if (document === undefined || "empty" in document) return {};
  const [error] = document.errors;
  if (error !== undefined)
    throw new OperatorError(`${file}: must be YAML (got ${error.message.split("\n")[0]}); mend it there`);
  if (others.length > 0)
    throw new OperatorError(
      `${file}: must be one YAML document, else Pulumi reads the first alone (got ${others.length + 1}); put all keys below one config: and take out the lines ---`,
    );
  return (document.toJS() ?? {}) as Partial<StackFile>;
}

/** Whether a value of a settings file is encrypted. */
export function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

/** Whole or not at all, also when killed. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
