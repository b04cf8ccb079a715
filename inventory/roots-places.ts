import type { PlainSettings } from "../settings/schema";
import { backupHome } from "./backup";
import { notesDirectory } from "./host";
import { mongoSecrets } from "./mongo";
import { chatSecrets } from "./rocketchat";

/** The directories in which steps of a deployment write and nobody writes but root: absolute paths on the host. */
export function rootsPlaces(settings: PlainSettings): string[] {
  const { backup, directory, mongo } = settings;
  const home = backupHome(settings);
  return [
    notesDirectory,
    directory,
    chatSecrets(settings),
    ...(mongo.mode === "managed" ? [mongoSecrets(mongo)] : []),
    ...(backup === undefined ? [] : [home, `${home}/settings`, `${home}/credentials`]),
  ];
}
