import { dirname } from "node:path";
import { inventoryOf } from "../../inventory";
import { Host } from "../../engine/host";
import type { PlainSettings } from "../../settings/schema";
import { say, step } from "../../terminal/steps";

/** What a stack keeps on its host. */
export interface DataDirectories {
  engine: string;
  helperImage: string;
  /** Absolute paths of what the stack made, also with earlier settings. The notes are last: as long as anything is left, the host knows where. */
  paths: string[];
  /** The directories above them, removed only when nothing else is in them. */
  parents: string[];
  /** Where backups stay, unreadable without their password, which goes. */
  repository?: string;
  /** The database is on a MongoDB of others, where it stays. */
  databaseStays: boolean;
}

export function dataDirectories(settings: PlainSettings): DataDirectories {
  const { directories } = inventoryOf(settings);
  const paths = directories.filter(({ stays }) => !stays).map(({ path }) => path);
  return {
    engine: settings.engine,
    helperImage: settings.helperImage,
    ...(settings.backup !== undefined && { repository: settings.backup.repository }),
    databaseStays: settings.mongo.mode === "existing",
    paths,
    parents: [...new Set(paths.map((path) => dirname(path)))],
  };
}

/** Removes them from the host, and nothing beside them. */
export async function deleteData(data: DataDirectories, env: NodeJS.ProcessEnv): Promise<void> {
  const host = new Host(data.engine, data.helperImage, env);
  for (const parent of data.parents) {
    // The root of the host cannot be mounted; what stands right below it is the host's own.
    const mount = dirname(parent) === "/" ? parent : dirname(parent);
    const paths = data.paths.filter((path) => dirname(path) === parent).join(" ");
    const variables = { MOUNT: mount, PARENT: parent, PATHS: paths };
    const kept = await step({
      title: `removing ${parent}`,
      log: "delete-data",
      ...host.scriptRun("scripts/host/delete-data.sh", mount, variables),
      fix: "mend what it says, then run the command again",
    });
    if (kept !== "") say(kept.trim().replace(/^/gm, "  "));
  }
}
