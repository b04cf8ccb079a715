import { throwAwayNames } from "../../inventory/throw-away";
import { dataInside, uploadsInside } from "../../inventory/rocketchat";
import { settingOverrides } from "../../settings/setting-overrides";
import { becomesItsUser, unprivileged } from "../../engine/hardening";
import { labelled, stackLabel } from "../../engine/labels";
import { OperatorError, tell } from "../../terminal/steps";
import { type Contents, loadOptions, lostLine, readContents } from "../restore/contents";
import { differences, loadFault } from "../restore/database";
import type { Collection, Database } from "../restore/collections";
import { fetched } from "../restore/files";
import type { Site } from "../restore/site";
import type { Manifest, Snapshot } from "../restore/snapshots";
import type { Worker } from "../restore/worker";

/** What a drill makes beside the live service, and removes. */
export interface Stage {
  worker: string;
  mongo: string;
  chat: string;
  directory: string;
}

/** A container of a drill whose command was killed ends by itself after so long. */
export const longestSeconds = 2 * 3600;
/** Where Rocket.Chat listens, on the loopback that they share. */
export const port = 3000;

export function stageOf({ settings, backupDirectory }: Site): Stage {
  const names = throwAwayNames(settings);
  return {
    worker: names.drill,
    mongo: names.drillMongo,
    chat: names.drillChat,
    directory: `${backupDirectory}/drill`,
  };
}

/** Fetches the snapshot, and compares it with its manifest. */
export async function fetchAll(
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
    worker.withRepository("scripts/host/restore/stage-drill.sh", {
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

/** A replica set of one, with the snapshot's database, every document counted and every view there. */
export async function startMongo(
  site: Site,
  worker: Worker,
  stage: Stage,
  manifest: Manifest,
): Promise<void> {
  const { host, settings } = site;
  const { database } = manifest;
  const contents = await readContents(worker, `${stage.directory}/snapshot/database.archive`, manifest);
  await host.docker([
    "run",
    "--detach",
    "--rm",
    `--name=${stage.mongo}`,
    "--network=none",
    "--log-opt=max-size=10m",
    labelled(stackLabel, settings.stack),
    ...becomesItsUser,
    "--memory=1g",
    "--pids-limit=400",
    `--volume=${stage.directory}/db:/data/db`,
    `--volume=${stage.directory}/snapshot/database.archive:/database.archive:ro`,
    "--entrypoint=timeout",
    settings.mongo.image,
    String(longestSeconds),
    "docker-entrypoint.sh",
    "mongod",
    "--replSet",
    "rs0",
    "--bind_ip_all",
    "--wiredTigerCacheSizeGB",
    "0.25",
    // What has expired since the backup was made would be missing from the count.
    "--setParameter",
    "ttlMonitorEnabled=false",
  ]);
  await mongosh(site, stage, { ACTION: "initiate", MEMBER: "127.0.0.1:27017" }, {});
  const loaded = await host.try([
    "exec",
    "--user=0",
    stage.mongo,
    "mongorestore",
    "--host=127.0.0.1",
    "--stopOnError",
    "--archive=/database.archive",
    `--nsInclude=${database}.*`,
    ...loadOptions(database, contents, contents.timeSeries),
  ]);
  if (loaded.status !== 0) throw loadFault(loaded.stderr, loaded.status);
  const uri = `mongodb://127.0.0.1:27017/${database}?directConnection=true`;
  const answer = await host.mongosh("scripts/mongo/restore.js", stage.mongo, { ACTION: "look" }, { uri });
  if (answer.status !== 0) throw new OperatorError(answer.stderr.trim());
  const { collections } = JSON.parse(answer.stdout.trim().split("\n").at(-1)!) as Database;
  const wrong = loadedWrongly(manifest, contents, collections);
  if (wrong.length > 0)
    throw new OperatorError(
      `snapshot: must load as its manifest says (differs: ${wrong.slice(0, 5).join(", ")})`,
    );
  const notBack = lostLine(contents);
  if (notBack !== undefined) tell(notBack);
}

/** What is not as the snapshot says. Nothing has expired: the drill's MongoDB removes nothing by its age. */
export function loadedWrongly(manifest: Manifest, { views, lost }: Contents, found: Collection[]): string[] {
  const isView = ({ type }: Collection) => type === "view";
  const loaded = found.filter((one) => !isView(one)).map((one) => ({ ...one, expires: false }));
  const made = new Set(found.filter(isView).map(({ name }) => name));
  return [
    ...differences(manifest, loaded, lost),
    ...Object.keys(views)
      .filter((name) => !made.has(name))
      .map((name) => `no view ${name}`),
  ];
}

/** The administrator of this copy may fetch every upload, also of a room where nobody has let him in. */
const openUploads = {
  FileUpload_Restrict_to_room_members: "false",
  FileUpload_Restrict_to_users_who_can_access_room: "false",
};

export async function startChat(
  { host, settings }: Site,
  stage: Stage,
  { database }: Manifest,
): Promise<void> {
  const variables = {
    MONGO_URL: `mongodb://127.0.0.1:27017/${database}?replicaSet=rs0`,
    ROOT_URL: settings.url,
    PORT: String(port),
    ...(settings.rocketchat.bypassMongoValidation ? { BYPASS_MONGO_VALIDATION: "true" } : {}),
    ...Object.fromEntries(
      Object.entries({ ...settingOverrides(settings), ...openUploads }).map(([id, value]) => [
        `OVERWRITE_SETTING_${id}`,
        value,
      ]),
    ),
  };
  await host.docker([
    "run",
    "--detach",
    "--rm",
    "--init",
    `--name=${stage.chat}`,
    `--network=container:${stage.mongo}`,
    labelled(stackLabel, settings.stack),
    ...unprivileged,
    "--log-opt=max-size=10m",
    `--memory=${settings.resources.rocketchat.memory.toMebibytes()}m`,
    "--pids-limit=400",
    `--volume=${stage.directory}/snapshot/uploads:${uploadsInside}`,
    `--volume=${stage.directory}/snapshot/data:${dataInside}`,
    ...Object.entries(variables).map(([name, value]) => `--env=${name}=${value}`),
    "--entrypoint=timeout",
    settings.rocketchat.image,
    String(longestSeconds),
    "node",
    "main.js",
  ]);
}

/** Runs `scripts/mongo/drill.js` in it. */
export async function mongosh<T>(
  site: Site,
  stage: Stage,
  variables: { ACTION: string; DATABASE?: string; MEMBER?: string },
  input: object,
): Promise<T> {
  const all = { ADMIN: site.settings.admin.username, DATABASE: "", MEMBER: "", ...variables };
  const answer = await site.host.mongosh("scripts/mongo/drill.js", stage.mongo, all, input);
  if (answer.status !== 0)
    throw new OperatorError(`${answer.stderr.trim()}\nthe drill's MongoDB: failed (status ${answer.status})`);
  return JSON.parse(answer.stdout.trim().split("\n").at(-1)!) as T;
}
