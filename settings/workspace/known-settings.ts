import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A setting of Rocket.Chat as its source declares it. */
export interface KnownSetting {
  /** Rocket.Chat's word: `boolean`, `int`, `select`, `string`, … */
  type: string;
  /** What a `select` may be; empty for other types. */
  values: string[];
}

/** Read from 6.14's source, and what later versions have beyond it. */
const files = ["rocketchat-settings.tsv", "rocketchat-settings-added.tsv"];

let known: Map<string, KnownSetting> | undefined;

/** Every setting of Rocket.Chat that this release knows, by its id. */
export function knownSettings(): Map<string, KnownSetting> {
  return (known ??= new Map(
    files
      .flatMap((file) => readFileSync(join(__dirname, "..", "data", file), "utf8").split("\n"))
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [id = "", type = "", , values = ""] = line.split("\t");
        return [id, { type, values: values === "" ? [] : values.split("|") }];
      }),
  ));
}

/** What a setting may be. */
export function valuesOf(id: string): string[] {
  return knownSettings().get(id)?.values ?? [];
}
