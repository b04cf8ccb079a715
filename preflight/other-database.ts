import { got } from "../settings/problems";
import type { PlainSettings } from "../settings/schema";
import type { Check } from "./check";

const keptBySet = ["mongo.hostname", "mongo.replicaSet"];

/** What says which database is the workspace's. */
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
 * Another database than the one that Rocket.Chat ran on last: an empty workspace would start there. The host knows it by a note;
 * where Rocket.Chat's `.env` is gone, nothing is left that belongs to that database.
 */
export const otherDatabase: Check = (settings, { noted, places }) => {
  const homes = [noted.get("directory") ?? settings.directory, settings.directory];
  if (!homes.some((home) => places.get(home)?.entries.includes(".env"))) return [];
  const others = databaseOf(settings).filter(([key, value]) => (noted.get(key) ?? value) !== value);
  // A server of another mode has another name as well.
  const told = others.some(([key]) => key === "mongo.mode") ? others.slice(0, 1) : others;
  return told.map(([key, value]) => ({
    key,
    rule: `must stay ${JSON.stringify(noted.get(key))}, on which the workspace ran last`,
    value: got(value),
    fix: keptBySet.includes(key)
      ? "set it back: the replica set has stored it"
      : "set it back, or move the workspace as docs/operate.md tells",
  }));
};

/** What a deployment notes on the host, for the next one. */
export function databaseNote(settings: PlainSettings): string {
  return databaseOf(settings)
    .map(([key, value]) => `${key}\t${value}\n`)
    .join("");
}
