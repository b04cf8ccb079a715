import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { workspaceName } from "../../inventory/rocketchat";
import { rootsPlaces } from "../../inventory/roots-places";
import { Client } from "../../engine/client";
import type { PlainSettings } from "../../settings/schema";
import { marked } from "../state/leftovers";
import type { Stack } from "../stack/stack";

/**
 * Runs a deployment whose steps on root's places of the host share one container (`scripts/host/helper-container.sh`): a container each costs a
 * quarter of a second and more, of some twenty. The first step starts it, so a deployment that changes nothing has none.
 * @param settings Undefined where they could not be read: then each step has its own.
 * @param work Gets the environment of a pulumi that changes things.
 */
export async function withSharedHelper<T>(
  stack: Stack,
  settings: PlainSettings | undefined,
  work: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const env = marked(stack);
  if (settings === undefined) return work(env);
  const directory = mkdtempSync(join(tmpdir(), "rocketchat-helper-"));
  const name = `${workspaceName(settings)}-helper-${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(join(directory, "name"), name);
    writeFileSync(join(directory, "mounts"), `${rootsPlaces(settings).join("\n")}\n`);
    return await work({ ...env, ROCKETCHAT_HELPER: directory });
  } finally {
    if (existsSync(join(directory, "started.asked")))
      await new Client(settings.engine, stack.env).try(["rm", "--force", name]);
    rmSync(directory, { recursive: true, force: true });
  }
}
