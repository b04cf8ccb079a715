import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/paths";

/** The script of the webhook that answers with a meeting's address. */
export function linkScript(meetings: string): string {
  const body = readFileSync(join(projectRoot, "ops/workspace/scripts/meeting-link.js"), "utf8");
  return `const MEETINGS = ${JSON.stringify(meetings)};\n${body}`;
}

/** Which script it is, short enough for a preview. */
export function hashOf(script: string): string {
  return createHash("sha256").update(script).digest("hex").slice(0, 12);
}
