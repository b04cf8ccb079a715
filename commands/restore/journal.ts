import { type Actor, hasEnded, thisActor } from "../../settings/actor";
import { OperatorError } from "../../terminal/steps";
import type { Definition } from "./collections";
import type { Part, Site } from "./site";

/**
 * How far a restore has come. It lies on the host, so that a command on any machine can finish what another one began.
 *
 * `preparing`   nothing of the workspace was touched
 * `loading`     the front door is closed and Rocket.Chat stopped; the old data are in their place, the new ones beside them
 * `swapping`    the one or the other, collection by collection and file by file
 * `starting`    the new data are in their place, the old ones beside them; Rocket.Chat was started, or will be
 * `cleaning`    it answered on the new data; the old ones go
 * `going back`  as `swapping`, the other way round
 * `went back`   the old data are in their place; Rocket.Chat was started, or will be
 */
export type Phase =
  "preparing" | "loading" | "swapping" | "starting" | "cleaning" | "going back" | "went back";

export interface Journal {
  stack: string;
  phase: Phase;
  /** The snapshot's whole id. */
  snapshot: string;
  parts: Part[];
  startedAt: string;
  /** Who is at work. */
  by: Actor;
  /** The files wait in a directory of root's; those of a release before 0.3.1 do in the data. */
  apart?: true;
  /** Rocket.Chat's restart policy; it has none meanwhile. */
  restart?: string;
  /** The route's file as it was. */
  route?: string;
  /** Both databases: a collection's name, and the id that it keeps whatever its name. */
  collections?: { old: Record<string, string>; new: Record<string, string> };
  /** Both databases: a view's name, and its definition. */
  views?: { old: Record<string, Definition>; new: Record<string, Definition> };
}

const fileOf = (site: Site) => `${site.backupDirectory}/restore.json`;

export async function readJournal(site: Site): Promise<Journal | undefined> {
  const text = await site.host.script("scripts/host/read-file.sh", site.settings.directory, {
    FILE: fileOf(site),
  });
  return text === "" ? undefined : (JSON.parse(text) as Journal);
}

export async function writeJournal(site: Site, journal: Journal): Promise<void> {
  await site.host.script(
    "scripts/host/write-file.sh",
    site.settings.directory,
    { FILE: fileOf(site), OWNER: "0:0", MODE: "0600" },
    { input: `${JSON.stringify(journal, null, 2)}\n` },
  );
}

export async function removeJournal(site: Site): Promise<void> {
  await site.host.script("scripts/host/adoption/remove.sh", site.settings.directory, { PATHS: fileOf(site) });
}

/** @throws OperatorError while a restore is at work, or was interrupted. */
export async function refuseUnfinished(site: Site): Promise<void> {
  const journal = await readJournal(site);
  if (journal === undefined) return;
  refuseAtWork(journal.by);
  await refuseAtWorkElsewhere(site, journal.by);
  throw new OperatorError(
    `stack ${site.stack.name}: its last restore must be finished (got one of ${journal.startedAt} that was interrupted); nothing was changed; run: ${site.command("restore", "--resume")}`,
  );
}

/** @throws OperatorError while another process of this machine is at work. */
export function refuseAtWork(by: Actor): void {
  if (by.host !== thisActor.host || hasEnded(by) || by.pid === thisActor.pid) return;
  throw new OperatorError(
    `one restore or drill at a time (got a second one, while process ${by.pid} is at work); wait until it has ended`,
  );
}

/** Its container is on the engine as long as a restore is at work; what became of its process, only that machine knows. */
async function refuseAtWorkElsewhere(site: Site, { host, pid }: Actor): Promise<void> {
  if (host === thisActor.host) return;
  const found = await site.host.try(["container", "inspect", "--format", "{{.State.Running}}", site.worker]);
  if (found.stdout.trim() !== "true") return;
  throw new OperatorError(
    `one restore or drill at a time (got a second one, while process ${pid} of ${host} is at work); wait until it has ended; ` +
      `if that process is gone from ${host}: docker rm --force ${site.worker}, then ${site.command("restore", "--resume")}`,
  );
}
