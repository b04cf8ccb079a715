import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the scripts of the backup's container come from. */
const scripts = join(__dirname, "..", "scripts", "backup");

/** Files as one text, and what scripts/host/unpack.sh is told of them. */
export interface Bundle {
  text: string;
  variables: { NAMES: string; MARK: string; END: string };
}

/** No file's name, so that its line is the last one and says that all came. */
const END = "/";

/** The mark between two files is the hash of all: no file can say it, so none can pretend to be several. */
export function bundleOf(files: Record<string, string>): Bundle {
  const MARK = createHash("sha256").update(JSON.stringify(files)).digest("hex");
  const parts = Object.entries(files).map(
    ([name, text]) => `#:${MARK} ${name}\n${text}${text.endsWith("\n") ? "" : "\n"}`,
  );
  return {
    text: `${parts.join("")}#:${MARK} ${END}\n`,
    variables: { NAMES: Object.keys(files).join(" "), MARK, END },
  };
}

/**
 * The files in a bundle, as scripts/host/unpack.sh writes them: also in those of 0.3.0, which said neither mark nor end, and of 0.3.1,
 * which said no end.
 */
export function filesOf(
  text: string,
  { MARK = "file", END: end }: Partial<Bundle["variables"]>,
): Map<string, string> {
  const mark = `#:${MARK} `;
  const files = new Map<string, string>();
  let name: string | undefined;
  for (const line of text.split(/(?<=\n)/)) {
    if (line.startsWith(mark)) {
      name = line.slice(mark.length).trimEnd();
      if (name === end) name = undefined;
      else files.set(name, files.get(name) ?? "");
    } else if (name !== undefined) files.set(name, `${files.get(name)!}${line}`);
  }
  return files;
}

/** All scripts of the backup's container. */
export function scriptBundle(): Bundle {
  const names = readdirSync(scripts).sort();
  return bundleOf(Object.fromEntries(names.map((file) => [file, readFileSync(join(scripts, file), "utf8")])));
}
