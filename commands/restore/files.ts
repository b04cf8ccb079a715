import { OperatorError, say, seconds } from "../../terminal/steps";
import type { Journal } from "./journal";
import type { FilePart, Site } from "./site";
import { type Manifest, repositoryFault } from "./snapshots";
import { type Worker, WorkFailed } from "./worker";

/** Puts a snapshot's files where they wait, on the disk of the present ones. */
export async function stageFiles(
  worker: Worker,
  site: Site,
  part: FilePart,
  { snapshot, startedAt }: Journal,
  manifest: Manifest,
): Promise<void> {
  const started = Date.now();
  say(`▸ fetching ${part} …`);
  const answer = await fetched(site, () =>
    worker.withRepository("scripts/host/restore/stage-files.sh", {
      SNAPSHOT: snapshot,
      SOURCE: `/snapshot/${part}`,
      RUN: startedAt,
      ...placesOf(site, part),
    }),
  );
  const [files, bytes] = answer.trim().split(" ").map(Number);
  const { uploads } = manifest;
  // One that was being written while it was read is longer in the snapshot than in the manifest.
  if (part === "uploads" && (files !== uploads.files || Number(bytes) < uploads.bytes))
    throw new OperatorError(
      `snapshot: must hold the ${uploads.files} uploads of ${uploads.bytes} bytes that its manifest says (got ${files} of ${bytes}); choose another`,
    );
  say(`  ${files} files in ${seconds(started)}`);
}

/** One file, which takes the place of the one of its name. */
export async function restoreFile(
  worker: Worker,
  site: Site,
  part: FilePart,
  name: string,
  snapshot: string,
): Promise<void> {
  await fetched(site, () =>
    worker.withRepository("scripts/host/restore/put-file.sh", {
      SNAPSHOT: snapshot,
      SOURCE: `/snapshot/${part}/${name}`,
      NAME: name,
      ...placesOf(site, part),
    }),
  );
}

export async function swapFiles(
  worker: Worker,
  site: Site,
  part: FilePart,
  direction: "forward" | "back" | "clean",
  { startedAt, apart }: Journal,
): Promise<void> {
  await worker.sh("scripts/host/restore/swap-files.sh", {
    DIRECTION: direction,
    RUN: startedAt,
    EARLIER: apart ? "" : "yes",
    ...placesOf(site, part),
  });
}

/** For `scripts/host/restore/waiting.sh`. */
function placesOf(site: Site, part: FilePart): Record<"DIRECTORY" | "BESIDE", string> {
  return { DIRECTORY: site.fileDirectories[part], BESIDE: `${site.backupDirectory}/restoring-${part}` };
}

/** Says what it means when restic cannot read what it should. */
export async function fetched<T>(site: Site, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof WorkFailed ? repositoryFault(error, site) : error;
  }
}
