import { thisActor } from "../../settings/actor";
import { takeOver } from "../state/interrupted";
import { endLeftovers } from "../state/leftovers";
import { OperatorError, say } from "../../terminal/steps";
import { keepAdminPassword } from "./admin-password";
import { arrange, dropOld, dropWaiting, removeStaging } from "./database";
import { noLongerAwaited } from "./empty-host";
import { swapFiles } from "./files";
import { open, removePage, waitUntilAnswers } from "./front-door";
import { type Journal, readJournal, refuseAtWork, removeJournal, writeJournal } from "./journal";
import { hasChat, stopChat } from "./chat";
import { settle } from "./settle";
import { everyPart, isFilePart, type Site } from "./site";
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
  } catch (error) {
    throw await withWayOn(site, error);
  } finally {
    await worker.remove();
  }
}

/** A failure, and what an operator can do now. */
export async function withWayOn(site: Site, error: unknown, known?: Journal): Promise<OperatorError> {
  const said = error instanceof Error ? error.message : String(error);
  // The host may be out of reach, which is often why.
  const journal = await readJournal(site).catch(() => known);
  if (journal === undefined) return new OperatorError(said);
  const [resumed, undone] = [site.command("restore", "--resume"), site.command("restore", "--undo")];
  const either = `The old data are kept. Mend what is said above, then go on: ${resumed}; or go back to the old data: ${undone}`;
  const ways: Partial<Record<Journal["phase"], string>> = {
    preparing: `Nothing of the workspace was touched. What was fetched is removed by: ${resumed}`,
    swapping: either,
    starting: either,
    cleaning: `The workspace has answered on the new data, and the old ones are being removed. Mend what is said above, then go on: ${resumed}`,
  };
  const back = `The old data are kept, and are not all in their place yet. Mend what is said above, then: ${resumed}`;
  return new OperatorError(`${said}\n\n${ways[journal.phase] ?? back}`);
}

/** From where the new data are whole beside the old ones. Each part may be repeated. */
export async function finish(worker: Worker, site: Site, from: Journal): Promise<void> {
  let journal = from;
  if (journal.phase === "swapping") {
    say("▸ changing old for new …");
    await arrange(worker, "forward", journal);
    for (const part of journal.parts.filter(isFilePart))
      await swapFiles(worker, site, part, "forward", journal);
    journal = { ...journal, phase: "starting" };
    await writeJournal(site, journal);
  }
  if (journal.phase === "starting") {
    await start(site, journal);
    await waitUntilAnswers(site);
    if (journal.parts.includes("database")) await settle(site);
    journal = { ...journal, phase: "cleaning" };
    await writeJournal(site, journal);
  }
  await removePage(site);
  say("▸ removing the old data …");
  if (journal.parts.includes("database")) {
    await dropOld(worker);
    await keepAdminPassword(worker, site);
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
    if (await hasChat(site)) await stopChat(site);
    await arrange(worker, "back", journal);
    for (const part of journal.parts.filter(isFilePart)) await swapFiles(worker, site, part, "back", journal);
    if (journal.parts.includes("database")) await dropWaiting(worker);
    await writeJournal(site, { ...journal, phase: "went back" });
  }
  if (from.phase === "preparing") return clean(worker, site, from);
  const isThere = await hasChat(site);
  if (isThere) await start(site, from);
  else await open(site, from.route);
  const fault = isThere
    ? await waitUntilAnswers(site).catch((error: unknown) => error as Error)
    : new OperatorError(`container ${site.chat}: must be there (got none)`);
  // Nothing is kept any more that could be lost. Where the workspace does not answer, a deployment may be what mends it.
  await removePage(site);
  await clean(worker, site, from);
  if (fault !== undefined)
    throw new OperatorError(
      `${fault.message}\nThe old data are all in their place, and the restore is over; but the workspace does not answer on them. Its deployment makes it as the settings say: ${site.command("up", "--refresh")}`,
    );
}

async function start(site: Site, { restart, route }: Journal): Promise<void> {
  say("▸ starting Rocket.Chat, and waiting for the front door …");
  const { host, chat } = site;
  await host.docker(["start", chat]);
  await host.docker(["update", "--restart", restart ?? "always", chat]);
  await open(site, route);
}

async function clean(worker: Worker, site: Site, journal: Journal): Promise<void> {
  for (const part of journal.parts.filter(isFilePart)) await swapFiles(worker, site, part, "clean", journal);
  await removeStaging(worker, site);
  await removeJournal(site);
}
