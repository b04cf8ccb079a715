import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingOverrides } from "../../components/rocketchat-environment";
import { unprivileged } from "../lib/host";
import { projectRoot } from "../lib/paths";
import { OperatorError, say, seconds } from "../lib/steps";
import { megabytes, roomFaults } from "../restore/checks";
import { fetched } from "../restore/files";
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

/** What a drill makes beside the live service, and removes. */
interface Stage {
  worker: string;
  mongo: string;
  chat: string;
  directory: string;
}

/** A container of a drill whose command was killed ends by itself after so long. */
const longestSeconds = 2 * 3600;
const port = 3000;

interface Canary {
  admin: { id: string; username: string };
  message: { id: string; room: string; text: string } | null;
  file: { id: string; name: string; onDisk?: string; sha256?: string } | null;
}

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
  console.log(
    `drill: ok, the snapshot ${snapshot?.short_id} was restored and served, in ${seconds(started)}`,
  );
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

function stageOf({ chat, backupDirectory }: Site): Stage {
  const name = `${chat}-drill`;
  return {
    worker: name,
    mongo: `${name}-mongo`,
    chat: `${name}-chat`,
    directory: `${backupDirectory}/drill`,
  };
}

async function rehearse(
  site: Site,
  worker: Worker,
  stage: Stage,
  snapshot: Snapshot,
  manifest: Manifest,
): Promise<void> {
  await fetchAll(site, worker, stage, snapshot, manifest);
  await startMongo(site, stage, manifest);
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

async function fetchAll(
  site: Site,
  worker: Worker,
  stage: Stage,
  { id }: Snapshot,
  { dump, uploads }: Manifest,
): Promise<void> {
  const image = site.settings.rocketchat.image;
  const ids = await Promise.all(
    ["-u", "-g"].map((option) =>
      site.host.docker([
        "run",
        "--rm",
        "--network",
        "none",
        ...unprivileged,
        "--entrypoint",
        "id",
        image,
        option,
      ]),
    ),
  );
  const answer = await fetched(site, () =>
    worker.withRepository("ops/host/restore/stage-drill.sh", {
      SNAPSHOT: id,
      DIRECTORY: stage.directory,
      OWNER: ids.map((text) => text.trim()).join(":"),
    }),
  );
  const [bytes, sha256, files] = answer.trim().split("\n");
  if (Number(bytes) !== dump.bytes || sha256 !== dump.sha256 || Number(files) !== uploads.files)
    throw new OperatorError(
      `snapshot: must hold what its manifest says (got a dump of ${bytes} bytes with SHA-256 ${sha256}, and ${files} uploads)`,
    );
}

async function startMongo(site: Site, stage: Stage, { database, collections }: Manifest): Promise<void> {
  const { host, settings } = site;
  await host.docker([
    ...["run", "--detach", "--rm", "--name", stage.mongo, "--network", "none", "--log-opt", "max-size=10m"],
    ...["--label", `rocketchat.stack=${settings.stack}`, "--memory", "1g", "--pids-limit", "400"],
    ...["--volume", `${stage.directory}/db:/data/db`],
    ...["--volume", `${stage.directory}/snapshot/database.archive:/database.archive:ro`],
    ...["--entrypoint", "timeout", settings.mongo.image, String(longestSeconds), "docker-entrypoint.sh"],
    ...["mongod", "--replSet", "rs0", "--bind_ip_all", "--wiredTigerCacheSizeGB", "0.25"],
    // What has expired since the backup was made would be missing from the count.
    ...["--setParameter", "ttlMonitorEnabled=false"],
  ]);
  await mongosh(site, stage, { ACTION: "initiate", MEMBER: "127.0.0.1:27017" }, {});
  const loaded = await host.try([
    ...[
      "exec",
      "--user",
      "0",
      stage.mongo,
      "mongorestore",
      "--host",
      "127.0.0.1",
      "--quiet",
      "--stopOnError",
    ],
    ...["--archive=/database.archive", `--nsInclude=${database}.*`],
  ]);
  if (loaded.status !== 0)
    throw new OperatorError(
      `${loaded.stderr.trim()}\nsnapshot: its dump must load (status ${loaded.status})`,
    );
  const answer = await host.mongosh("ops/mongo/count.js", stage.mongo, {}, {});
  const counts = JSON.parse(answer.stdout.trim().split("\n").at(-1)!) as Record<string, number>;
  const wrong = Object.entries(collections).find(
    ([name, count]) => !name.startsWith("system.") && counts[`${database}.${name}`] !== count,
  );
  if (wrong !== undefined)
    throw new OperatorError(
      `snapshot: must load as its manifest says (got ${counts[`${database}.${wrong[0]}`]} documents in ${wrong[0]} instead of ${wrong[1]})`,
    );
}

async function startChat({ host, settings }: Site, stage: Stage, { database }: Manifest): Promise<void> {
  const variables = {
    MONGO_URL: `mongodb://127.0.0.1:27017/${database}?replicaSet=rs0`,
    ROOT_URL: settings.url,
    PORT: String(port),
    ...(settings.rocketchat.bypassMongoValidation ? { BYPASS_MONGO_VALIDATION: "true" } : {}),
    ...Object.fromEntries(
      Object.entries(settingOverrides(settings)).map(([id, value]) => [`OVERWRITE_SETTING_${id}`, value]),
    ),
  };
  await host.docker([
    ...["run", "--detach", "--rm", "--init", "--name", stage.chat, "--network", `container:${stage.mongo}`],
    ...["--label", `rocketchat.stack=${settings.stack}`, ...unprivileged, "--log-opt", "max-size=10m"],
    ...["--memory", `${settings.resources.rocketchat.memory.toMebibytes()}m`, "--pids-limit", "400"],
    ...["--volume", `${stage.directory}/snapshot/uploads:/app/uploads`],
    ...["--volume", `${stage.directory}/snapshot/data:/app/data`],
    ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...["--entrypoint", "timeout", settings.rocketchat.image, String(longestSeconds), "node", "main.js"],
  ]);
}

async function look(
  site: Site,
  worker: Worker,
  stage: Stage,
  { admin, message, file }: Canary,
  sha256: string | undefined,
  token: string,
): Promise<void> {
  const password = await worker.sh("ops/host/read-file.sh", {
    FILE: `${stage.directory}/snapshot/secrets/rocketchat/admin-password`,
  });
  const answer = await site.host.try(
    [
      ...["exec", "--interactive", "--env", `PORT=${port}`, stage.chat],
      ...["node", "-e", readFileSync(join(projectRoot, "ops/rocketchat/drill.js"), "utf8")],
    ],
    JSON.stringify({
      ...{ user: admin.username, password, token, userId: admin.id, message },
      file: file === null ? null : { ...file, sha256 },
      outside: await liveAddresses(site),
    }),
  );
  const found = JSON.parse(answer.stdout.trim().split("\n").at(-1) || "{}") as {
    version?: string;
    by?: string;
    fault?: string;
  };
  if (found.version === undefined)
    throw new OperatorError(found.fault ?? `${answer.stderr.trim()}\nthe drill's Rocket.Chat ended`);
  console.log(`Rocket.Chat ${found.version} serves it; it has no network but its own loopback`);
  console.log(
    found.by === "password"
      ? `${admin.username} logged in with the password of the snapshot's secrets`
      : `${admin.username} logged in, with a token of this drill: the password of the secrets is not the present one, or is not enough`,
  );
  console.log(
    message === null
      ? "no message in a public channel"
      : `the newest message of a public channel is there, ${message.id}`,
  );
  console.log(
    file === null
      ? site.settings.uploads.storage === "AmazonS3"
        ? "the uploads are in their S3 bucket, and were not looked at"
        : "no upload in it"
      : `the newest upload is there, ${file.id}, with SHA-256 ${sha256}`,
  );
}

/** Where the live service answers, and the host on each of its networks: out of a drill's reach. */
async function liveAddresses({ host, settings, chat, dataNetwork, edgeNetwork }: Site): Promise<string[]> {
  const addresses: string[] = [];
  for (const network of [dataNetwork, edgeNetwork, "bridge"]) {
    const format = "{{range .Containers}}{{.IPv4Address}} {{end}}{{range .IPAM.Config}}{{.Gateway}} {{end}}";
    const answer = await host.try(["network", "inspect", "--format", format, network]);
    const ips = answer.stdout.split(/\s+/).map((ip) => ip.split("/")[0]!);
    for (const ip of ips.filter((text) => text !== ""))
      for (const to of [27017, 22, 443, settings.ingress.httpsPort]) addresses.push(`${ip}:${to}`);
  }
  return [...addresses, `${chat}:${settings.rocketchat.port}`, `${settings.mongo.hostname}:27017`];
}

async function hashOnDisk(worker: Worker, stage: Stage, { file }: Canary): Promise<string | undefined> {
  if (file?.onDisk === undefined) return undefined;
  const path = `${stage.directory}/snapshot/uploads/${file.onDisk}`;
  const answer = await worker.sh("ops/host/restore/hash.sh", { FILE: path });
  return answer.trim();
}

async function mongosh<T>(
  site: Site,
  stage: Stage,
  variables: Record<string, string>,
  input: object,
): Promise<T> {
  const all = { ADMIN: site.settings.admin.username, DATABASE: "", MEMBER: "", ...variables };
  const answer = await site.host.mongosh("ops/mongo/drill.js", stage.mongo, all, input);
  if (answer.status !== 0)
    throw new OperatorError(`${answer.stderr.trim()}\nthe drill's MongoDB: failed (status ${answer.status})`);
  return JSON.parse(answer.stdout.trim().split("\n").at(-1)!) as T;
}

async function removeStage({ host }: Site, worker: Worker, stage: Stage): Promise<void> {
  for (const name of [stage.chat, stage.mongo]) await host.try(["rm", "--force", "--volumes", name]);
  await worker.sh("ops/host/adoption/remove.sh", { PATHS: stage.directory });
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
    ...["exec", backup, "bash", "/backup/scripts/status.sh", `lastDrillAt=${new Date().toISOString()}`],
    ...[`lastDrillResult=${result}`, `lastDrillSnapshot=${snapshot?.short_id ?? ""}`],
  ]);
  if (kept.status !== 0) say(`${kept.stderr.trim()}\ndrill: its result could not be kept in ${backup}`);
}
