import { crossChecks } from "./cross-checks";
import { settingsError } from "./problems";
import { readConfig, type RawConfig } from "./read";
import { resolve, type PlainSettings } from "./resolve";

/**
 * The settings of a stack from its raw configuration, or one RunError with every fault in it. Needs no Pulumi
 * engine; reads one file, the one that `ingress.acme.caFile` names.
 */
export function parseSettings({ stack, ...raw }: RawConfig & { stack: string }): PlainSettings {
  const { values, problems, readable } = readConfig(raw);
  const settings = resolve(stack, values);
  const across = crossChecks.filter(({ keys }) => readable(keys)).map(({ problem }) => problem(settings));
  const all = [...problems, ...across.filter((problem) => problem !== undefined)];
  if (all.length > 0) throw settingsError(stack, all);
  return settings;
}
