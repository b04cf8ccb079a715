import { got } from "../problems";
import type { PlainSettings } from "../resolve";
import type { Check } from "./check";

/** What says which database is the workspace's. The set keeps its name and its member's: with others it is cut off. */
function databaseOf({ mongo }: PlainSettings): [key: string, value: string][] {
  return [
    ["mongo.mode", mongo.mode],
    ["mongo.database", mongo.database],
    ...(mongo.mode === "managed"
      ? ([
          ["mongo.hostname", mongo.hostname],
          ["mongo.replicaSet", mongo.replicaSet],
        ] as [string, string][])
      : []),
  ];
}

/**
 * Another database than the one that holds the workspace: an empty one would start there. The host knows it from the last
 * deployment's note; it counts from the moment on at which Rocket.Chat's `.env` is there.
 */
export const otherDatabase: Check = (settings, { noted, places }) => {
  const home = noted.get("directory");
  if (home === undefined || !(places.get(home)?.entries ?? []).includes(".env")) return [];
  const others = databaseOf(settings).filter(([key, value]) => (noted.get(key) ?? value) !== value);
  // A server of another mode has another name as well.
  const told = others.some(([key]) => key === "mongo.mode") ? others.slice(0, 1) : others;
  return told.map(([key, value]) => ({
    key,
    rule: `must stay ${JSON.stringify(noted.get(key))}, where the workspace's database is`,
    value: got(value),
    fix: "set it back, or move the workspace as docs/operate.md tells",
  }));
};

/** What a deployment notes on the host, for the next one, beside the directories. */
export function databaseNote(settings: PlainSettings): string {
  return databaseOf(settings)
    .map(([key, value]) => `${key}\t${value}\n`)
    .join("");
}
