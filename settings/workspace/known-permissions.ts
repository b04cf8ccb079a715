import { readFileSync } from "node:fs";
import { join } from "node:path";

let known: Map<string, string[]> | undefined;

/** Rocket.Chat's permissions that this release knows, with the roles that have each by default. A server may have more. */
export function knownPermissions(): Map<string, string[]> {
  return (known ??= new Map(
    readFileSync(join(__dirname, "..", "data", "rocketchat-permissions.tsv"), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => {
        const [id = "", roles = ""] = line.split("\t");
        return [id, roles === "" ? [] : roles.split(" ")];
      }),
  ));
}
