import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot, stateDirectory } from "./paths";

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
  const { encryptionsalt, config } = parse(readFileSync(file, "utf8")) as Partial<StackFile>;
  return { ...(encryptionsalt === undefined ? {} : { encryptionsalt }), config: config ?? {} };
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
