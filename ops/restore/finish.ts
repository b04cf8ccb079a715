import { takeOver } from "../lib/interrupted";
import { endLeftovers } from "../lib/leftovers";
import { OperatorError, say } from "../lib/steps";
import { keepAdminPassword } from "./admin-password";
import { arrange, dropOld, dropWaiting, removeStaging } from "./database";
import { noLongerAwaited } from "./empty-host";
import { swapFiles } from "./files";
import { open } from "./front-door";
import { type Journal, readJournal, refuseAtWork, removeJournal, writeJournal } from "./journal";
import { stopChat } from "./chat";
import { everyPart, isFilePart, type Site, thisActor } from "./site";
import { Worker } from "./worker";

/**
 * Finishes what a killed restore began: with the old data where the new ones were not whole yet, else with the new ones.
 * @param undo Back to the old data, as long as they are there.
 */
export async function resume(site: Site, undo: boolean): Promise<number> {
  const found = await readJournal(site);
  if (found === undefined) {
    say("No restore was interrupted; nothing to do.");
    return 0;
  }
  refuseAtWork(found.by);
  await takeOver(site.stack);
  // A step that the killed command began would otherwise write after this one.
  await endLeftovers(site.stack, [site.settings.engine]);
  const journal = { ...found, by: thisActor };
  if (undo && journal.phase === "cleaning")
    throw new OperatorError(
      `--undo: needs the old data, which are being removed (the workspace has answered on the new ones); run: ${site.command("restore", "--resume")}`,
    );
  const worker = await Worker.start(site);
  try {
    await writeJournal(site, journal);
    const forward =
      journal.phase === "swapping" || journal.phase === "starting" || journal.phase === "cleaning";
    if (forward && !undo) {
      say(`▸ going on with the restore of ${journal.startedAt} …`);
      await finish(worker, site, journal);
      say(`\nThe snapshot ${journal.snapshot.slice(0, 8)} is restored. The workspace answers.`);
    } else {
      say(`▸ going back to what was there before the restore of ${journal.startedAt} …`);
      await goBack(worker, site, journal);
      say("\nThe workspace is as it was before, and answers.");
    }
    return 0;
  } finally {
    await worker.remove();
  }
}

/** From where the new data are whole beside the old ones. Each part may be repeated. */
export async function finish(worker: Worker, site: Site, from: Journal): Promise<void> {
  let journal = from;
  if (journal.phase === "swapping") {
    say("▸ changing old for new …");
    await arrange(worker, "forward", journal);
    for (const part of journal.parts.filter(isFilePart)) await swapFiles(worker, site, part, "forward");
    journal = { ...journal, phase: "starting" };
    await writeJournal(site, journal);
  }
  if (journal.phase === "starting") {
    await start(site, journal);
    journal = { ...journal, phase: "cleaning" };
    await writeJournal(site, journal);
  }
  say("▸ removing the old data …");
  if (journal.parts.includes("database")) {
    await dropOld(worker);
    await keepAdminPassword(worker, site, journal.snapshot);
  }
  // A part alone is not yet what a new host waits for.
  if (everyPart.every((part) => journal.parts.includes(part))) await noLongerAwaited(site);
  await clean(worker, site, journal);
}

/** To the old data, from wherever it was. Each part may be repeated. */
export async function goBack(worker: Worker, site: Site, from: Journal): Promise<void> {
  if (from.phase !== "preparing" && from.phase !== "went back") {
    const journal: Journal = { ...from, phase: "going back" };
    await writeJournal(site, journal);
    await stopChat(site);
    await arrange(worker, "back", journal);
    for (const part of journal.parts.filter(isFilePart)) await swapFiles(worker, site, part, "back");
    if (journal.parts.includes("database")) await dropWaiting(worker);
    await writeJournal(site, { ...journal, phase: "went back" });
  }
  if (from.phase !== "preparing") await start(site, from);
  await clean(worker, site, from);
}

async function start(site: Site, { restart, route }: Journal): Promise<void> {
  say("▸ starting Rocket.Chat, and waiting for the front door …");
  const { host, chat } = site;
  await host.docker(["start", chat]);
  await open(site, route);
  await host.docker(["update", "--restart", restart ?? "always", chat]);
}

async function clean(worker: Worker, site: Site, journal: Journal): Promise<void> {
  for (const part of journal.parts.filter(isFilePart)) await swapFiles(worker, site, part, "clean");
  await removeStaging(worker, site);
  await removeJournal(site);
}
