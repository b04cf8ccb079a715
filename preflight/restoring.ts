import { backupHome, journalOfRestores } from "../inventory/backup";
import { throwAwayNames } from "../inventory/throw-away";
import { restoreLabel } from "../engine/labels";
import { type Actor, hasEnded, thisActor } from "../settings/actor";
import { commandFor } from "../settings/command";
import type { PlainSettings } from "../settings/schema";
import type { Check } from "./check";
import type { Docker } from "../engine/docker";

/** A restore that is at work or was interrupted: old and new data may each be half in their places. */
export const restoring: Check = async (settings, { docker, places }) => {
  if (!places.get(backupHome(settings))?.entries.includes("restore.json")) return [];
  const { what, fix } = await restoreAtHand(settings, docker);
  return [{ key: "directory", rule: "must hold data that are whole", value: `got ${what}`, fix }];
};

/** What is known of the restore whose journal is on the host. */
export async function restoreAtHand(
  settings: PlainSettings,
  docker: Docker,
): Promise<{ what: string; fix: string }> {
  const by = await workerOf(settings, docker);
  const resume = commandFor(settings.stack, "restore", "--resume");
  if (by === undefined || hasEnded(by))
    return {
      what: `an unfinished restore, ${journalOfRestores(settings)}`,
      fix: `finish it: ${resume}`,
    };
  const elsewhere = by.host !== thisActor.host;
  return {
    what: `a restore at work, process ${by.pid} of ${by.host}, since ${by.timestamp}`,
    fix: `wait until it has ended${elsewhere ? `; if that process is gone from there: ${resume}` : ""}`,
  };
}

/** A restore has a container as long as it is at work. Killed, it leaves it behind. */
async function workerOf(settings: PlainSettings, docker: Docker): Promise<Actor | undefined> {
  const format = `{{if .State.Running}}{{index .Config.Labels "${restoreLabel}"}}{{end}}`;
  const name = throwAwayNames(settings).restore;
  const label = await docker.run("container", "inspect", "--format", format, name).catch(() => "");
  try {
    return label === "" ? undefined : (JSON.parse(label) as Actor);
  } catch {
    return undefined;
  }
}
