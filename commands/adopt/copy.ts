import { envFile } from "../../inventory/rocketchat";
import { throwAwayNames } from "../../inventory/throw-away";
import { OperatorError, say } from "../../terminal/steps";
import type { Facts, Login } from "./facts";
import { unlogged, unprivileged } from "../../engine/hardening";
import type { Host } from "../../engine/host";
import { withMongod } from "./throw-away-mongod";

export interface CopyOptions {
  /** The copy's directory on the host, when it is whole. */
  path: string;
  prefix: string;
  /** MongoDB's image; it has mongodump and mongorestore. */
  image: string;
  /** The workspace's. */
  directory: string;
}

const archive = "mongodb.archive.gz";

/**
 * Copies what an adoption changes: a dump of the whole MongoDB, `.env`, and what `docker inspect` says of both containers.
 * The dump is restored into a throw-away MongoDB and counted. It has its name only when all of that is done.
 * @throws OperatorError when there is no room, or the dump is not what the database is.
 */
export async function makeCopy(host: Host, facts: Facts, options: CopyOptions): Promise<void> {
  const { chat, mongo, database } = facts;
  // An unfinished one has the same name at every attempt, so that the next one removes it.
  const unfinished = `${options.directory}/before-adoption.unfinished`;
  const bytes = database.databases.reduce((sum, { bytes: size }) => sum + size, 0);
  await host.script("scripts/host/adoption/begin-copy.sh", options.directory, {
    DIRECTORY: unfinished,
    NEEDED: String(Math.ceil((bytes * 2) / 1024) + 512 * 1024),
  });

  say("▸ dumping the database …");
  const before = await counts(host, mongo.id, database.administrator);
  await dump(host, facts, unfinished, options.image);
  const after = await counts(host, mongo.id, database.administrator);

  say("▸ restoring the dump into a throw-away MongoDB, and counting …");
  const restored = await restore(host, unfinished, database.set !== undefined, options);
  const wrong = differences(before, after, restored);
  if (wrong.length > 0)
    throw new OperatorError(
      `${unfinished}/${archive}: must restore to what the database holds (differs: ${wrong.slice(0, 5).join(", ")}); nothing else was changed, run the command again`,
    );

  const inspected = await host.docker(["container", "inspect", chat.id, mongo.id]);
  await host.script(
    "scripts/host/write-file.sh",
    options.directory,
    { FILE: `${unfinished}/containers.json`, OWNER: "0:0", MODE: "0600" },
    { input: inspected },
  );
  await host.script("scripts/host/adoption/end-copy.sh", options.directory, {
    DIRECTORY: unfinished,
    FINAL: options.path,
    ENV_FILE: envFile(options),
  });
  say(`  ${Object.values(restored).reduce((sum, count) => sum + count, 0)} documents, in ${options.path}`);
}

type Counts = Record<string, number>;

async function counts(host: Host, container: string, login: Login | undefined): Promise<Counts> {
  const run = await host.mongosh("scripts/mongo/count.js", container, {}, login ?? {});
  if (run.status !== 0)
    throw new OperatorError(
      `${run.stderr.trim()}\nMongoDB: its documents could not be counted (status ${run.status}); mend what it says`,
    );
  return JSON.parse(run.stdout.trim().split("\n").at(-1)!) as Counts;
}

async function dump(host: Host, { mongo, database }: Facts, copy: string, image: string): Promise<void> {
  const login = database.administrator;
  await host.docker(
    [
      "run",
      "--rm",
      "--interactive",
      "--user=0",
      `--network=container:${mongo.id}`,
      ...unprivileged,
      unlogged,
      `--volume=${copy}:${copy}`,
      "--entrypoint=mongodump",
      image,
      "--host=127.0.0.1",
      "--quiet",
      "--gzip",
      `--archive=${copy}/${archive}`,
      ...(login === undefined
        ? []
        : ["--username", login.user, "--authenticationDatabase", login.authSource]),
      // Everything as of one moment, although people go on writing.
      ...(database.set === undefined ? [] : ["--oplog"]),
    ],
    { input: login === undefined ? "" : `${login.password}\n` },
  );
}

function restore(
  host: Host,
  copy: string,
  hasOplog: boolean,
  { image, prefix }: CopyOptions,
): Promise<Counts> {
  const name = throwAwayNames({ prefix }).adoptionCheck;
  const run = {
    name,
    image,
    hosts: [],
    args: [],
    volumes: [`${copy}/check:/data/db`, `${copy}:${copy}:ro`],
  };
  return withMongod(host, run, async () => {
    await counts(host, name, undefined); // answers when mongod does
    const restored = await host.try([
      "exec",
      "--user=0",
      name,
      "mongorestore",
      "--host=127.0.0.1",
      "--quiet",
      "--gzip",
      `--archive=${copy}/${archive}`,
      ...(hasOplog ? ["--oplogReplay"] : []),
    ]);
    if (restored.status !== 0)
      throw new OperatorError(
        `${restored.stderr.trim()}\n${copy}/${archive}: must be a dump that can be restored (status ${restored.status}); run the command again`,
      );
    return counts(host, name, undefined);
  });
}

/** Where people write meanwhile, the restored count lies between those of before and after. */
export function differences(before: Counts, after: Counts, restored: Counts): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => {
    const [one, other] = [before[name] ?? 0, after[name] ?? 0];
    const count = restored[name] ?? 0;
    return count < Math.min(one, other) || count > Math.max(one, other);
  });
}
