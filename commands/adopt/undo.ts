import { dirname } from "node:path/posix";
import { envFile } from "../../inventory/rocketchat";
import { notesOf } from "../../inventory/host";
import { endInterrupted } from "../state/interrupted";
import type { Stack } from "../stack/stack";
import { interactive, OperatorError, say } from "../../terminal/steps";
import { rename } from "./hand-over";
import type { Host } from "../../engine/host";
import type { Managed } from "./managed";
import { restoreData } from "./prepare-data";
import { type Adoption, removeAdoption } from "./record";

/**
 * The way back: takes the stack down, which keeps all data, and starts the old containers again. What people wrote meanwhile
 * stays, since it is the same database. May be killed anywhere; a repeat finishes it.
 */
export async function undo(host: Host, stack: Stack, settings: Managed, adoption: Adoption): Promise<void> {
  const { chat, mongo, copy, hasEnvFile, owners } = adoption;
  if (adoption.state === "planned" && (await isUntouched(host, adoption))) {
    await removeAdoption(host, settings.directory);
    return;
  }
  await endInterrupted(stack);
  if (adoption.state !== "planned") {
    const status = await interactive({
      command: "pulumi",
      args: ["destroy", ...stack.configArgs, "--yes", "--skip-preview"],
      env: stack.env,
    });
    if (status !== 0)
      throw new OperatorError(
        `stack ${stack.name}: must be down before the old service comes back (status ${status}); mend what it says above, then run the command again`,
      );
  }

  for (const { id } of [chat, mongo]) await host.docker(["stop", "--time", "120", id]);
  say("▸ giving MongoDB's data their former settings …");
  await restoreData(host, settings, adoption);
  for (const { path, owner, mode } of owners)
    await host.script("scripts/host/directory.sh", path, { DIRECTORY: path, OWNER: owner, MODE: mode });
  if (hasEnvFile)
    await host.script("scripts/host/adoption/restore-env.sh", settings.directory, {
      COPY: `${copy}/env`,
      ENV_FILE: envFile(settings),
    });

  for (const { id, name, restart } of [mongo, chat]) {
    await rename(host, id, name);
    await host.docker(["update", "--restart", restart, id]);
    await host.docker(["start", id]);
    say(`▸ ${name} is started`);
  }
  // Who runs it by hand again may move its data without a word to anybody.
  const notes = notesOf(settings);
  await host.script("scripts/host/adoption/remove.sh", dirname(notes[0]!), { PATHS: notes.join(" ") });
  await removeAdoption(host, settings.directory);
}

async function isUntouched(host: Host, { chat, mongo }: Adoption): Promise<boolean> {
  const format = "{{.Name}} {{.State.Running}} {{.HostConfig.RestartPolicy.Name}}";
  for (const { id, name, restart } of [chat, mongo]) {
    const now = (await host.docker(["container", "inspect", "--format", format, id])).trim();
    if (now !== `/${name} true ${restart}`) return false;
  }
  return true;
}
