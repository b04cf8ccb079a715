import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../paths";
import { settingsOf } from "../settings-of";
import type { Stack } from "../stack";
import { capture, say } from "../steps";

/**
 * Leaves the stack's settings and state beside the backups, so that the next one holds them; their secrets stay encrypted with the
 * stack's passphrase. A deployment that succeeded does not fail for it.
 */
export async function keepSettings(stack: Stack): Promise<void> {
  const settings = await settingsOf(stack);
  if (settings.backup === undefined) {
    say("backups: none are made; docs/backup.md says how to turn them on");
    return;
  }
  const state = await capture({ command: "pulumi", args: ["stack", "export"], env: stack.env });
  const file = stack.configArgs[1] ?? join(projectRoot, `Pulumi.${stack.name}.yaml`);
  const files: Record<string, string> = {
    [`Pulumi.${stack.name}.yaml`]: readFileSync(file, "utf8"),
    ...(state.status === 0 && { "state.json": state.stdout }),
  };
  const home = `${settings.directory}/backup`;
  const written = await capture({
    command: "sh",
    args: ["ops/host/helper.sh", "ops/host/unpack.sh"],
    env: {
      ...stack.env,
      ...{
        DOCKER_HOST: settings.engine,
        HELPER_IMAGE: settings.helperImage,
        MOUNT: home,
        MOUNT_EXISTS: "yes",
      },
      ...{ PASS: "DIRECTORY NAMES", DIRECTORY: `${home}/settings`, NAMES: Object.keys(files).join(" ") },
    },
    input: Object.entries(files)
      .map(([name, text]) => `#:file ${name}\n${text}\n`)
      .join(""),
  });
  if (written.status !== 0)
    say(
      `backups: the settings could not be left for the next one (${written.stderr.trim()}); keep a copy of ${file}`,
    );
}
