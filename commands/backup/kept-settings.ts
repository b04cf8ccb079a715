import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleOf } from "../../engine/bundle";
import { backupHome } from "../../inventory/backup";
import type { PlainSettings } from "../../settings/schema";
import { Host } from "../../engine/host";
import { projectRoot } from "../../terminal/paths";
import type { Stack } from "../stack/stack";
import { capture, say } from "../../terminal/steps";

/**
 * Leaves the stack's settings and state beside the backups, so that the next one holds them; their secrets stay encrypted with the
 * stack's passphrase. A deployment that succeeded does not fail for it.
 */
export async function keepSettings(stack: Stack, settings: PlainSettings): Promise<void> {
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
  const { text, variables } = bundleOf(files);
  const home = backupHome(settings);
  const written = await new Host(settings.engine, settings.helperImage, stack.env).tryScript(
    "scripts/host/unpack.sh",
    home,
    { DIRECTORY: `${home}/settings`, ...variables },
    { mountExists: true, input: text },
  );
  if (written.status !== 0)
    say(
      `backups: the settings could not be left for the next one (${written.stderr.trim()}); keep a copy of ${file}`,
    );
}
