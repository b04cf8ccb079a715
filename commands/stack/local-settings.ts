import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parseDocument } from "yaml";
import { commandFor } from "../../settings/command";
import { isSecure, readConfig, trackedSettings, workingCopy, writeWhole } from "./stack-file";
import { say } from "../../terminal/steps";

type Path = string[];

/** Takes what a command of Pulumi changes in the working copy of `local` over into `Pulumi.local.yaml`, from which it is made anew. */
export async function keepingChanges(command: () => Promise<number>): Promise<number> {
  const before = readConfig(workingCopy).config;
  const status = await command();
  const changes = changesBetween(before, readConfig(workingCopy).config);
  if (changes.length > 0) edit(changes);
  return status;
}

/** Leaves out of `Pulumi.local.yaml` what only a stack that is gone could decrypt. */
export function leaveOutSecrets(): void {
  const { config } = readConfig(trackedSettings);
  const secrets = Object.keys(config).filter((key) => isSecure(config[key]));
  if (secrets.length === 0) return;
  edit(secrets.map((key) => [[key], undefined]));
  for (const key of secrets)
    say(
      `▸ Pulumi.local.yaml: ${key} was encrypted for a stack local that is gone, and is left out; set it again: ${commandFor("local", "pulumi", "config", "set", "--secret", key)}`,
    );
}

/** Each place that differs, as deep as can be, with what it holds now. */
export function changesBetween(before: unknown, after: unknown, path: Path = []): [Path, unknown][] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isGroup(before) || !isGroup(after)) return [[path, after]];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changesBetween(before[key], after[key], [...path, key]));
}

function edit(changes: [Path, unknown][]): void {
  const settings = parseDocument(readFileSync(trackedSettings, "utf8"));
  for (const [path, value] of changes) {
    if (value === undefined) settings.deleteIn(["config", ...path]);
    else settings.setIn(["config", ...path], value);
  }
  writeWhole(trackedSettings, settings.toString({ lineWidth: 0 }));
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isSecure(value);
}
