import { OperatorError } from "../../terminal/steps";
import type { Site } from "./site";
import { type Worker, WorkFailed } from "./worker";

/** A snapshot as restic lists it. */
export interface Snapshot {
  id: string;
  short_id: string;
  /** ISO 8601. */
  time: string;
  hostname: string;
  tags: string[];
}

/** Of a backup that was made of what a restore replaced. */
export const beforeRestore = "before-restore";

/** What a snapshot says of itself: `manifest.json` in it. */
export interface Manifest {
  format: number;
  application: string;
  stack: string;
  prefix: string;
  hostname: string;
  database: string;
  rocketchatVersion: string;
  mongodbVersion: string;
  projectVersion: string;
  storage: string;
  /** Documents, by collection. */
  collections: Record<string, number>;
  uploads: { files: number; bytes: number };
  dump: { bytes: number; sha256: string };
  /** What the database had and the dump has not, or no restore brings back. */
  leftOut?: string[];
  startedAt: string;
  finishedAt: string;
  seconds: number;
}

/** The layout that this release knows. */
const knownFormat = 1;

/** Oldest first, as they were made; those of this workspace, or of all. */
export async function listSnapshots(worker: Worker, site: Site, all = false): Promise<Snapshot[]> {
  const own = all ? [] : ["--host", site.chat];
  // What everything begins with: who does not answer now is not waited for.
  const text = await restic(worker, site, ["snapshots", "--json", "--tag", "rocketchat", ...own], "2m");
  const found = JSON.parse(text) as Snapshot[];
  return found.sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

/**
 * The snapshot of an id, of the beginning of one, or `latest`.
 * @throws OperatorError when there is none, or several.
 */
export async function findSnapshot(worker: Worker, site: Site, wanted: string): Promise<Snapshot> {
  const own = await listSnapshots(worker, site);
  const newest = own.filter(({ tags }) => !tags.includes(beforeRestore)).at(-1);
  if (wanted === "latest" && newest !== undefined) return newest;
  const found = (await listSnapshots(worker, site, true)).filter(({ id }) => id.startsWith(wanted));
  if (found.length === 1) return found[0]!;
  throw new OperatorError(
    `snapshot: must be one of this project's in the repository (got ${wanted}, which ${found.length === 0 ? "is none, or one whose record is damaged" : `${found.length} begin with`}); choose one: ${site.command("restore")}`,
  );
}

/** @throws OperatorError when it has none, or one of another application or a later release. */
export async function readManifest(
  worker: Worker,
  site: Site,
  { id, short_id }: Snapshot,
): Promise<Manifest> {
  const text = await restic(worker, site, ["dump", id, "/snapshot/manifest.json"]);
  const manifest = manifestIn(text);
  if (manifest?.application !== "rocketchat")
    throw new OperatorError(
      `snapshot ${short_id}: must be of a Rocket.Chat workspace (got one of ${manifest?.application ?? "something else"}); choose another: ${site.command("restore")}`,
    );
  if (manifest.format !== knownFormat)
    throw new OperatorError(
      `snapshot ${short_id}: must have the layout ${knownFormat} (got ${manifest.format}, of release ${manifest.projectVersion}); restore it with that release of this project`,
    );
  return manifest;
}

function manifestIn(text: string): Manifest | undefined {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
}

/** Bytes of everything in a snapshot. */
export async function sizeOf(worker: Worker, site: Site, { id }: Snapshot): Promise<number> {
  const text = await restic(worker, site, ["stats", "--json", "--mode", "restore-size", id]);
  return (JSON.parse(text) as { total_size: number }).total_size;
}

async function restic(worker: Worker, site: Site, args: string[], patience?: "2m"): Promise<string> {
  try {
    return await worker.restic(args, patience);
  } catch (error) {
    if (!(error instanceof WorkFailed)) throw error;
    throw repositoryFault(error, site);
  }
}

/** A backup, another restore or a drill is at work in the repository. */
export class RepositoryBusy extends OperatorError {}

/** What restic's exit status means, with the fix. */
export function repositoryFault({ said, status }: WorkFailed, site: Site): OperatorError {
  // Not restic's: another one is at work, and it says who.
  if (status === 75) return new RepositoryBusy(said);
  // A script of ours refused, and says why.
  if (status === 64) return new OperatorError(said);
  const says = storeSays(said);
  if (status === 124 && says !== undefined)
    return new OperatorError(
      `repository: must let this host in within 2 minutes (its store says: ${says}); nothing was changed; correct its keys, its address or what is wrong there`,
    );
  // Interrupted, restic ends with 130; before 0.19 with 1, as for any other reason.
  const meaning = /signal \w+ received, cleaning up/.test(said) ? 130 : status;
  const [rule, fix] = faults[meaning] ?? [
    "must be whole and in reach",
    `nothing was changed; look closer: ${site.command("backup:check")}`,
  ];
  return new OperatorError(`${said}\nrepository: ${rule} (restic ended with ${status}); ${fix}`);
}

/** What the store answered last, of what restic says while it tries again. */
function storeSays(said: string): string | undefined {
  return [...said.matchAll(/ returned error, retrying after \S+: (.+)$/gm)].at(-1)?.[1];
}

const faults: Record<number, [string, string]> = {
  10: ["must be there", "nothing was changed; see where backup.repository points"],
  12: [
    "must open with the repository password of this host",
    "nothing was changed; put the right one there, or name the file that holds it",
  ],
  124: ["must answer within 2 minutes", "nothing was changed; see whether its server is up"],
  130: ["must be read to the end", "run the command again"],
};
