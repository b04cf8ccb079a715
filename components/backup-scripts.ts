import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the scripts of the backup's container come from. */
const scripts = join(__dirname, "..", "ops", "backup");

/** All scripts as one text: see ops/host/unpack.sh. */
export function scriptBundle(): { bundle: string; names: string[] } {
  const names = readdirSync(scripts).sort();
  const bundle = names.map((file) => `#:file ${file}\n${readFileSync(join(scripts, file), "utf8")}`).join("");
  return { bundle, names };
}
