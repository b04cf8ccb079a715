import { OperatorError, say, seconds } from "../../terminal/steps";
import type { Collection, Database } from "./collections";
import { type Contents, loadOptions, lostLine } from "./contents";
import { fetched } from "./files";
import { type Journal, writeJournal } from "./journal";
import type { Site } from "./site";
import type { Manifest } from "./snapshots";
import { type Worker, WorkFailed } from "./worker";

const script = "scripts/mongo/restore.js";
const newPrefix = "restore-new.";
const oldPrefix = "restore-old.";

/** @throws OperatorError when the database is not the workspace's own: its user cannot log in there. */
export async function lookAtDatabase(
  worker: Worker,
  site: Site,
  action: "look" | "prepare" = "look",
): Promise<Database> {
  try {
    return await worker.mongosh<Database>(script, { ACTION: action });
  } catch (error) {
    if (!(error instanceof WorkFailed)) throw error;
    const { database, hostname, user } = site.settings.mongo;
    throw new OperatorError(
      `${error.said}\nmongo.database: must be this workspace's own, where ${user} logs in (got ${database} on ${hostname}); nothing was changed; set it back, or deploy it first: ${site.command("up")}`,
    );
  }
}

/** Where it lies until it is loaded. */
export const stagingOf = (site: Site) => `${site.backupDirectory}/restoring`;
export const archiveOf = (site: Site) => `${stagingOf(site)}/database.archive`;

/** Fetches the dump, and compares it with the manifest. */
export async function stageDatabase(
  worker: Worker,
  site: Site,
  { snapshot }: Journal,
  { dump }: Manifest,
): Promise<void> {
  const started = Date.now();
  say("▸ fetching the database …");
  const answer = await fetched(site, () =>
    worker.withRepository("scripts/host/restore/stage-database.sh", {
      SNAPSHOT: snapshot,
      DIRECTORY: stagingOf(site),
    }),
  );
  const [bytes, sha256] = answer.trim().split("\n");
  if (Number(bytes) !== dump.bytes || sha256 !== dump.sha256)
    throw new OperatorError(
      `snapshot: must hold the dump of ${dump.bytes} bytes and SHA-256 ${dump.sha256} that its manifest says (got ${bytes} and ${sha256}); choose another`,
    );
  say(`  ${bytes} bytes, as the manifest says, in ${seconds(started)}`);
}

/** Loads the dump beside the present collections, counts it, and writes down which is which. */
export async function load(
  worker: Worker,
  site: Site,
  journal: Journal,
  manifest: Manifest,
  contents: Contents,
): Promise<Journal> {
  const started = Date.now();
  say("▸ loading the database …");
  const { collections: present } = await lookAtDatabase(worker, site, "prepare");
  const { mongo } = site.settings;
  const password = await worker.databasePassword();
  try {
    await worker.sh(
      "scripts/host/restore/load-database.sh",
      {
        ARCHIVE: archiveOf(site),
        FROM: manifest.database,
        TO: mongo.database,
        PREFIX: newPrefix,
        OPTIONS: loadOptions(manifest.database, contents, [
          ...Object.keys(contents.views),
          ...contents.timeSeries,
        ]).join("\n"),
        URI:
          `mongodb://${mongo.user}@${mongo.hostname}:27017/${mongo.database}` +
          `?replicaSet=${mongo.replicaSet}&authSource=${mongo.database}`,
      },
      password,
    );
  } catch (error) {
    throw error instanceof WorkFailed ? loadFault(error.said, error.status) : error;
  }
  const { collections } = await lookAtDatabase(worker, site);
  const loaded = collections
    .filter(({ name }) => name.startsWith(newPrefix))
    .map((collection) => ({ ...collection, name: collection.name.slice(newPrefix.length) }));
  const wrong = differences(manifest, loaded, contents.lost);
  if (wrong.length > 0)
    throw new OperatorError(
      `snapshot: must load as its manifest says (differs: ${wrong.slice(0, 5).join(", ")}); choose another`,
    );
  const documents = loaded.reduce((sum, { count }) => sum + (count ?? 0), 0);
  say(
    `  ${documents} documents in ${loaded.length} collections, as the manifest says, in ${seconds(started)}`,
  );
  const notBack = lostLine(contents);
  if (notBack !== undefined) say(`  ${notBack}`);
  const views = present.flatMap(({ name, definition }) => (definition ? [[name, definition] as const] : []));
  const swappable: Journal = {
    ...journal,
    collections: { old: idsOf(present), new: idsOf(loaded) },
    views: { old: Object.fromEntries(views), new: contents.views },
  };
  await writeJournal(site, swappable);
  return swappable;
}

function idsOf(collections: Collection[]): Record<string, string> {
  return Object.fromEntries(
    collections.filter(({ type }) => type === "collection").map(({ name, id }) => [name, id]),
  );
}

/** Of what mongorestore said, the reason; with `--quiet` it would not say that either. */
export function loadFault(said: string, status: number): OperatorError {
  const lines = said.trim().split("\n");
  const reason = lines.filter((line) => line.includes("Failed: ")).at(-1) ?? lines.at(-1)!;
  return new OperatorError(
    `mongorestore: must load the dump (ended with ${status}: ${reason.replace(/^.*Failed: /, "")})`,
  );
}

/**
 * Collections that are not there, are no collections, or have another number of documents; fewer where they expire.
 * @param lost Those that a restore does not bring back.
 */
export function differences(
  { collections }: Pick<Manifest, "collections">,
  loaded: Collection[],
  lost: string[],
): string[] {
  const found = new Map(loaded.map((collection) => [collection.name, collection]));
  // MongoDB keeps those for itself, and makes them as it needs them.
  const names = [...new Set([...Object.keys(collections), ...found.keys()])].filter(
    (name) => !name.startsWith("system.") && !lost.includes(name),
  );
  return names.flatMap((name) => {
    const now = found.get(name);
    if (now !== undefined && now.type !== "collection") return [`${name} is a ${now.type}`];
    const count = now?.count ?? "none";
    const then = collections[name] ?? "none";
    return count === then || (now?.expires && Number(count) < Number(then))
      ? []
      : [`${name} ${count} instead of ${then}`];
  });
}

/** Gives the collections their places. May be killed anywhere and repeated, in either direction. */
export async function arrange(
  worker: Worker,
  direction: "forward" | "back",
  { collections, views }: Journal,
): Promise<void> {
  if (collections !== undefined)
    await worker.mongosh(script, { ACTION: direction }, { ...collections, views });
}

export async function dropOld(worker: Worker): Promise<void> {
  await worker.mongosh(script, { ACTION: "drop", WAITING: oldPrefix });
}

export async function dropWaiting(worker: Worker): Promise<void> {
  await worker.mongosh(script, { ACTION: "drop", WAITING: newPrefix });
}

export async function removeStaging(worker: Worker, site: Site): Promise<void> {
  await worker.sh("scripts/host/adoption/remove.sh", { PATHS: stagingOf(site) });
}
