import { crossChecks } from "./cross-checks";
import { modeProblems } from "./modes";
import { settingsError } from "./problems";
import { readConfig, type RawConfig } from "./read";
import { resolve } from "./resolve";
import type { PlainSettings } from "./schema";
import { workspaceProblems } from "./workspace/problems";

/**
 * The settings of a stack from its raw configuration, or one RunError with every fault in it. Needs no Pulumi
 * engine; reads one file, the one that `ingress.acme.caFile` names.
 */
export function parseSettings({ stack, ...raw }: RawConfig & { stack: string }): PlainSettings {
  const reading = readConfig(raw);
  const byMode = modeProblems(reading, raw);
  const broken = new Set(byMode.map(({ key }) => key));
  const settings = resolve(stack, reading.values);
  const across = crossChecks
    .filter(({ keys }) => reading.readable(keys) && !keys.some((key) => broken.has(key)))
    .map(({ problem }) => problem(settings));
  const all = [
    ...(raw.found ?? []),
    ...reading.problems,
    ...byMode,
    ...workspaceProblems(reading, raw),
    ...across.filter((problem) => problem !== undefined),
  ];
  if (all.length > 0) throw settingsError(stack, all);
  return settings;
}
