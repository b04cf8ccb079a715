import { randomBytes } from "node:crypto";
import { OperatorError, say, seconds, tell } from "../../terminal/steps";
import { megabytes, roomFaults } from "../restore/checks";
import { refuseUnfinished } from "../restore/journal";
import { roomIn } from "../restore/restore";
import type { Site } from "../restore/site";
import {
  findSnapshot,
  type Manifest,
  readManifest,
  RepositoryBusy,
  sizeOf,
  type Snapshot,
} from "../restore/snapshots";
import { Worker } from "../restore/worker";
import { type Canary, hashOnDisk, look } from "./look";
import { fetchAll, longestSeconds, mongosh, type Stage, stageOf, startChat, startMongo } from "./stage";

/**
 * Restores a snapshot into containers beside the live ones, and looks whether Rocket.Chat serves it. They have no network but the
 * loopback that they share: no mail, no push and no webhook can leave it. Changes nothing of the service; what it makes it removes, also what a killed drill left.
 */
export async function drill(site: Site, wanted: string): Promise<number> {
  await refuseUnfinished(site);
  const stage = stageOf(site);
  const worker = await Worker.start(site, { name: stage.worker, longestSeconds });
  const stop = () => void removeAll(site, worker, stage).finally(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
  const started = Date.now();
  let snapshot: Snapshot | undefined;
  let fault: string | undefined;
  let isBusy = false;
  try {
    await removeStage(site, worker, stage);
    snapshot = await findSnapshot(worker, site, wanted);
    const manifest = await readManifest(worker, site, snapshot);
    say(
      `▸ restoring ${snapshot.short_id} of ${snapshot.time.slice(0, 16)} beside the service, ${megabytes(manifest.dump.bytes + manifest.uploads.bytes)} …`,
    );
    await refuseFullDisk(site, worker, snapshot, manifest);
    await rehearse(site, worker, stage, snapshot, manifest);
  } catch (error) {
    // That says nothing about the backups: the last result stands.
    isBusy = error instanceof RepositoryBusy;
    fault = error instanceof Error ? error.message : String(error);
  }
  await removeAll(site, worker, stage);
  if (!isBusy) await remember(site, snapshot, fault);
  if (fault !== undefined) throw new OperatorError(`${fault}\ndrill: failed, after ${seconds(started)}`);
  tell(`drill: ok, the snapshot ${snapshot?.short_id} was restored and served, in ${seconds(started)}`);
  return 0;
}

/** What stays free for the service beside it. */
const reserveBytes = 256 * 1024 * 1024;

/** The snapshot, and the database once more. */
async function refuseFullDisk(
  site: Site,
  worker: Worker,
  snapshot: Snapshot,
  manifest: Manifest,
): Promise<void> {
  const neededBytes = (await sizeOf(worker, site, snapshot)) + manifest.dump.bytes + reserveBytes;
  const place = await roomIn(worker, site.backupDirectory);
  const why = `the snapshot and its database lie there meanwhile, and ${megabytes(reserveBytes)} stay free for the service`;
  const [fault] = roomFaults([{ what: "the drill", neededBytes, ...place }], why);
  if (fault !== undefined) throw new OperatorError(fault);
}

async function rehearse(
  site: Site,
  worker: Worker,
  stage: Stage,
  snapshot: Snapshot,
  manifest: Manifest,
): Promise<void> {
  await fetchAll(site, worker, stage, snapshot, manifest);
  await startMongo(site, worker, stage, manifest);
  const token = randomBytes(32).toString("base64url");
  const canary = await mongosh<Canary>(
    site,
    stage,
    { ACTION: "canary", DATABASE: manifest.database },
    { token },
  );
  const sha256 = canary.file?.sha256 ?? (await hashOnDisk(worker, stage, canary));
  await startChat(site, stage, manifest);
  await look(site, worker, stage, canary, sha256, token);
}

async function removeStage({ host }: Site, worker: Worker, stage: Stage): Promise<void> {
  for (const name of [stage.chat, stage.mongo]) await host.try(["rm", "--force", "--volumes", name]);
  await worker.sh("scripts/host/adoption/remove.sh", { PATHS: stage.directory });
}

async function removeAll(site: Site, worker: Worker, stage: Stage): Promise<void> {
  await removeStage(site, worker, stage).catch((error: unknown) => say(String(error)));
  await worker.remove();
}

/** Where `npm run backup:status` and the metrics find it. */
async function remember(
  { host, backup }: Site,
  snapshot: Snapshot | undefined,
  fault?: string,
): Promise<void> {
  const result = fault === undefined ? "ok" : fault.trim().split("\n").at(-1)!;
  const kept = await host.try([
    "exec",
    backup,
    "bash",
    "/backup/scripts/status.sh",
    `lastDrillAt=${new Date().toISOString()}`,
    `lastDrillResult=${result}`,
    `lastDrillSnapshot=${snapshot?.short_id ?? ""}`,
  ]);
  if (kept.status !== 0) say(`${kept.stderr.trim()}\ndrill: its result could not be kept in ${backup}`);
}
