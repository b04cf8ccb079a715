import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freeCustomSetting } from "./custom-service";
import type { KnownSetting } from "./known-setting";

/**
 * A real 8.3 server counts before what later versions have beyond it, and that before 6.14's source, which also tells of what only a
 * licence brings. The first lines of the files say where each comes from.
 */
const files = {
  source: "rocketchat-settings.tsv",
  later: "rocketchat-settings-added.tsv",
  server: "rocketchat-settings-8.3.tsv",
};

let known: Map<string, KnownSetting> | undefined;

/** Every setting of Rocket.Chat that this release knows, by its id. */
export function knownSettings(): Map<string, KnownSetting> {
  if (known !== undefined) return known;
  const [source, later, server] = [files.source, files.later, files.server].map(read);
  const gone = [...source!].map(([id, setting]) => [id, { ...setting, gone: true }] as const);
  return (known = new Map([...gone, ...later!, ...server!]));
}

function read(file: string): Map<string, KnownSetting> {
  return new Map(
    readFileSync(join(__dirname, "..", "data", file), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [id = "", type = "", , values = "", flags = ""] = line.split("\t");
        const sealed = (["hidden", "readonly"] as const).find((flag) => flags.split(",").includes(flag));
        return [id, { type, values: values === "" ? [] : values.split("|"), ...(sealed && { sealed }) }];
      }),
  );
}

/** The setting of an id, those of custom services included; undefined for one that this release does not know. */
export function knownSetting(id: string): KnownSetting | undefined {
  return knownSettings().get(id) ?? freeCustomSetting(id);
}

/** What a setting may be. */
export function valuesOf(id: string): string[] {
  return knownSettings().get(id)?.values ?? [];
}

/** Whether a Rocket.Chat of that version has the setting no more, unless a licence brings it. */
export function isGone(id: string, version: string): boolean {
  return knownSettings().get(id)?.gone === true && Number(version.split(".")[0]) >= 8;
}
