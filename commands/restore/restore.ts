import { thisActor } from "../../settings/actor";
import type { Operator } from "../../terminal/operator";
import { takeOver } from "../state/interrupted";
import { backendDirectory, removeLock } from "../state/lock";
import { OperatorError, say, seconds } from "../../terminal/steps";
import { type Room, faultsOf, megabytes, needsOf } from "./checks";
import { stopChat } from "./chat";
import { type Contents, readContents, refuseUnloadable } from "./contents";
import { archiveOf, load, lookAtDatabase, stageDatabase } from "./database";
import type { Database } from "./collections";
import { stageFiles } from "./files";
import { refuseUndeployed } from "./deployed";
import { finish, goBack, withWayOn } from "./finish";
import { close, readRoute } from "./front-door";
import { type Journal, readJournal, refuseUnfinished, writeJournal } from "./journal";
import { isFilePart, type Part, type Site } from "./site";
import { beforeRestore, findSnapshot, type Manifest, readManifest, sizeOf, type Snapshot } from "./snapshots";
import { Worker } from "./worker";

export interface RestoreOptions {
  snapshot: string;
  parts: Part[];
  /** Without asking. */
  yes: boolean;
  /** First make a backup of what will be replaced. */
  safetyBackup: boolean;
}

/**
 * Puts a snapshot's data into the running stack. Until the new data are whole beside the old ones and were compared with the
 * manifest, nothing of the old is touched; until the workspace has answered on the new ones, nothing of it is removed.
 */
export async function restore(site: Site, operator: Operator, options: RestoreOptions): Promise<number> {
  await refuseUnfinished(site);
  // A lock that a killed deployment left would have the next one end this command's processes as that one's.
  for (const lock of (await takeOver(site.stack)).locks) removeLock(site.stack, lock);
  await refuseUndeployed(site);
  const worker = await Worker.start(site);
  let journal: Journal | undefined;
  try {
    const snapshot = await findSnapshot(worker, site, options.snapshot);
    const manifest = await readManifest(worker, site, snapshot);
    const database = options.parts.includes("database") ? await lookAtDatabase(worker, site) : undefined;
    await refuseUnfit(worker, site, database, options.parts, snapshot, manifest);
    await agree(worker, site, operator, database, snapshot, manifest, options);
    if (options.safetyBackup) await backUp(site);

    const started = Date.now();
    journal = {
      stack: site.stack.name,
      phase: "preparing",
      snapshot: snapshot.id,
      parts: options.parts,
      startedAt: new Date().toISOString(),
      by: thisActor,
      apart: true,
    };
    await refuseUnfinished(site); // of somebody else, begun meanwhile
    await writeJournal(site, journal);
    await takeOver(site.stack); // an up that began before the journal was there
    for (const part of options.parts.filter(isFilePart))
      await stageFiles(worker, site, part, journal, manifest);
    const contents = options.parts.includes("database")
      ? await fetchDatabase(worker, site, journal, manifest)
      : undefined;

    journal = await closeDown(site, journal);
    if (contents !== undefined) journal = await load(worker, site, journal, manifest, contents);
    journal = { ...journal, phase: "swapping" };
    await writeJournal(site, journal);
    await finish(worker, site, journal);
    say(`\nThe snapshot ${snapshot.short_id} is restored, in ${seconds(started)}. The workspace answers.`);
    return 0;
  } catch (error) {
    throw journal === undefined ? error : await afterFailure(worker, site, error, journal);
  } finally {
    await worker.remove();
  }
}

/** Fetches the dump; what it holds must fit what is there. */
async function fetchDatabase(
  worker: Worker,
  site: Site,
  journal: Journal,
  manifest: Manifest,
): Promise<Contents> {
  await stageDatabase(worker, site, journal, manifest);
  const contents = await readContents(worker, archiveOf(site), manifest);
  refuseUnloadable(contents, manifest, await lookAtDatabase(worker, site), site);
  return contents;
}

/** What was begun is taken back where the old data are all in their place; later only the operator can choose. */
async function afterFailure(
  worker: Worker,
  site: Site,
  error: unknown,
  known: Journal,
): Promise<OperatorError> {
  try {
    const journal = await readJournal(site);
    const isOurs = journal?.by.pid === thisActor.pid && journal.by.host === thisActor.host;
    if (!isOurs || (journal.phase !== "preparing" && journal.phase !== "loading"))
      return await withWayOn(site, error, known);
    say(error instanceof Error ? error.message : String(error));
    say("▸ taking back what was begun …");
    await goBack(worker, site, journal);
    return new OperatorError("\nThe workspace is as it was; the reason is above.");
  } catch (failure) {
    if (failure !== error) say(error instanceof Error ? error.message : String(error));
    return withWayOn(site, failure, known);
  }
}

async function refuseUnfit(
  worker: Worker,
  site: Site,
  database: Database | undefined,
  parts: Part[],
  snapshot: Snapshot,
  manifest: Manifest,
): Promise<void> {
  const needs = needsOf(site, parts, manifest, await sizeOf(worker, site, snapshot));
  const rooms: Room[] = [];
  for (const need of needs) rooms.push({ ...need, ...(await roomIn(worker, need.path)) });
  if (database !== undefined)
    rooms.push({
      what: "the new collections",
      neededBytes: manifest.dump.bytes,
      ...(await roomForCollections(site, database)),
    });
  const faults = faultsOf(manifest, site, rooms);
  if (faults.length > 0) throw new OperatorError(`${faults.join("\n")}\nNothing was changed.`);
}

export async function roomIn(worker: Worker, path: string): Promise<Place> {
  return placeIn(await worker.sh("scripts/host/restore/room.sh", { PATHS: path }));
}

/** MongoDB of others tells what its disk has left, not which one it is. */
async function roomForCollections({ host, settings }: Site, { freeBytes }: Database): Promise<Place> {
  const { mongo } = settings;
  if (mongo.mode === "existing") return { device: "of MongoDB", freeBytes, files: 0 };
  const { dataDirectory } = mongo;
  return placeIn(await host.script("scripts/host/restore/room.sh", dataDirectory, { PATHS: dataDirectory }));
}

/** What `room.sh` says of a directory. */
interface Place {
  device: string;
  freeBytes: number;
  files: number;
}

function placeIn(answer: string): Place {
  const [device = "", freeBytes, files] = answer.trim().split(" ");
  return { device, freeBytes: Number(freeBytes), files: Number(files) };
}

/** Collections whose numbers tell an operator what he would lose. */
const telling = { users: "people", rocketchat_room: "rooms", rocketchat_message: "messages" };

async function agree(
  worker: Worker,
  site: Site,
  operator: Operator,
  database: Database | undefined,
  snapshot: Snapshot,
  manifest: Manifest,
  { parts, yes }: RestoreOptions,
): Promise<void> {
  say(
    `\nThe snapshot ${snapshot.short_id} of ${new Date(snapshot.time).toISOString().slice(0, 16).replace("T", " ")} UTC, Rocket.Chat ${manifest.rocketchatVersion}` +
      (manifest.prefix === site.settings.prefix && manifest.hostname === site.settings.hostname
        ? ""
        : `, of ${manifest.hostname} (stack ${manifest.stack})`),
  );
  say(`replaces in the stack ${site.stack.name}:\n`);
  say(`  ${"".padEnd(12)}${"now".padStart(12)}${"then".padStart(12)}`);
  const line = (what: string, now: number, then: number) =>
    say(`  ${what.padEnd(12)}${String(now).padStart(12)}${String(then).padStart(12)}`);
  if (database !== undefined) {
    const { collections } = database;
    for (const [name, what] of Object.entries(telling))
      line(
        what,
        collections.find((found) => found.name === name)?.count ?? 0,
        manifest.collections[name] ?? 0,
      );
    const all = collections.reduce((sum, { count }) => sum + (count ?? 0), 0);
    line(
      "documents",
      all,
      Object.values(manifest.collections).reduce((sum, count) => sum + count, 0),
    );
  }
  if (parts.includes("uploads"))
    line("files", (await roomIn(worker, site.fileDirectories.uploads)).files, manifest.uploads.files);
  say(
    `\nThat is ${megabytes(manifest.dump.bytes)} of database and ${megabytes(manifest.uploads.bytes)} of files. The chat is away meanwhile. Secrets and settings of this host stay.`,
  );
  if ((await backendDirectory(site.stack)) === undefined)
    say(
      "Its state is not on this machine, so a deployment at work is not seen from here: see that there is none.",
    );
  if (yes) return;
  await operator.confirm(site.stack.name, "npm run restore", "nothing was changed");
}

/** Through the very script that makes every backup; it thins nothing out, so that the snapshot to restore stays. */
async function backUp({ backup, host }: Site): Promise<void> {
  say("▸ first a backup of what is there now …");
  const script = ["bash", "/backup/scripts/run.sh", "npm run restore", beforeRestore];
  const status = await host.attended(["exec", backup, ...script]);
  if (status !== 0)
    throw new OperatorError(
      `npm run restore: must have a backup of what it replaces (it failed with status ${status}); nothing was changed; mend what it says, or go without one: --no-safety-backup`,
    );
}

/** Nobody reads or writes from now on, also when the host starts anew. */
async function closeDown(site: Site, journal: Journal): Promise<Journal> {
  const { host, chat } = site;
  const restart = (
    await host.docker(["container", "inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}", chat])
  ).trim();
  const route = await readRoute(site);
  const closing: Journal = { ...journal, phase: "loading", restart, ...(route !== undefined && { route }) };
  await writeJournal(site, closing);
  say("▸ closing the front door …");
  await close(site, route);
  say("▸ stopping Rocket.Chat …");
  await stopChat(site);
  return closing;
}
