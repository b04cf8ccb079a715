import * as pulumi from "@pulumi/pulumi";
import { problemsError } from "../settings/problems";
import type { Settings } from "../settings/schema";
import { faultsOn } from "./faults";
import { sharedServers } from "./shared-servers";

/**
 * What settings alone cannot tell, found on the engine and its host before the first resource, within 15 seconds. A preview
 * makes no check, so that it needs no server.
 * What is only unwise is told as a warning.
 * @throws RunError with every fault, or the one that keeps the engine from answering.
 */
export async function preflight(settings: Settings): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  const found = await faultsOn(settings);
  for (const { key, rule, value, fix } of found.filter(({ advice }) => advice))
    await pulumi.log.warn(`${key}: ${rule} (${value}); ${fix}`);
  const problems = found.filter(({ advice }) => !advice);
  if (problems.length > 0) throw problemsError(settings.stack, "on the engine", problems);
  await sharedServers(settings);
}
