import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the scripts of the backup's container come from. */
const scripts = join(__dirname, "..", "ops", "backup");

/** Files as one text, and what ops/host/unpack.sh is told of them. */
export interface Bundle {
  text: string;
  variables: { NAMES: string; MARK: string };
}

/** The mark between two files is the hash of all: no file can say it, so none can pretend to be several. */
export function bundleOf(files: Record<string, string>): Bundle {
  const MARK = createHash("sha256").update(JSON.stringify(files)).digest("hex");
  return {
    text: Object.entries(files)
      .map(([name, text]) => `#:${MARK} ${name}\n${text}${text.endsWith("\n") ? "" : "\n"}`)
      .join(""),
    variables: { NAMES: Object.keys(files).join(" "), MARK },
  };
}

/** All scripts of the backup's container. */
export function scriptBundle(): Bundle {
  const names = readdirSync(scripts).sort();
  return bundleOf(Object.fromEntries(names.map((file) => [file, readFileSync(join(scripts, file), "utf8")])));
}
