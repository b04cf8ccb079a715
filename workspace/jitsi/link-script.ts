import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../terminal/paths";

/** The script of the webhook that answers with a meeting's address. */
export function linkScript(meetings: string): string {
  const body = readFileSync(join(projectRoot, "workspace/scripts/meeting-link.js"), "utf8");
  return `const MEETINGS = ${JSON.stringify(meetings)};\n${body}`;
}
