import { readFileSync } from "node:fs";
import { dirname } from "node:path/posix";
import { inventoryOf } from "../../inventory";
import { mongoSecrets } from "../../inventory/mongo";
import { chatSecrets } from "../../inventory/rocketchat";
import { scriptBundle } from "../../engine/bundle";
import { type BackupSettings, credentialFiles, kindOf } from "../../settings/backup";
import { exportState } from "../state/checkpoint";
import { capture, OperatorError, say } from "../../terminal/steps";
import { faultsOf } from "./checks";
import { fetched } from "./files";
import type { Site } from "./site";
import { findSnapshot, readManifest } from "./snapshots";
import { Worker, WorkFailed } from "./worker";

/**
 * The first of three steps onto a host that has nothing: puts a snapshot's secrets in their places, so that `npm run up` finds them
 * and makes the service that they belong to; then the snapshot is restored into it as into any other.
 */
export async function prepareEmptyHost(site: Site, wanted: string, passwordFile: string): Promise<number> {
  const { settings } = site;
  const { mongo } = settings;
  const secrets = chatSecrets(settings);
  const password = readPassword(passwordFile);
  await ensureTools(site);
  await refuseData(site);
  await refuseKnownService(site);

  for (const [name, text] of [
    ["backup-password", password],
    ["backup-password.generation", "1\n"],
  ] as const)
    await site.host.script(
      "scripts/host/write-file.sh",
      secrets,
      { FILE: `${secrets}/${name}`, OWNER: "0:0", MODE: "0400" },
      { input: text },
    );
  const worker = await Worker.start(site, { more: mongo.mode === "managed" ? [mongo.directory] : [] });
  try {
    const snapshot = await findSnapshot(worker, site, wanted);
    const manifest = await readManifest(worker, site, snapshot);
    const faults = faultsOf(manifest, site, []);
    if (faults.length > 0) throw new OperatorError(faults.join("\n"));
    say(
      `▸ putting back the secrets of ${manifest.hostname}, from the snapshot ${snapshot.short_id} of ${snapshot.time.slice(0, 16)} …`,
    );
    // First: what is killed after this may be repeated, and no backup of an empty workspace is made.
    await site.host.script(
      "scripts/host/write-file.sh",
      site.backupDirectory,
      { FILE: awaiting(site), OWNER: "0:0", MODE: "0644" },
      { input: snapshot.short_id },
    );
    await fetched(site, () =>
      worker.withRepository("scripts/host/restore/put-secrets.sh", {
        SNAPSHOT: snapshot.id,
        SECRETS: secrets,
        MONGO: mongo.mode === "managed" ? mongoSecrets(mongo) : "",
      }),
    );
    say(
      `The host has the secrets. Next: ${site.command("up")}, then ${site.command("restore", snapshot.short_id)}`,
    );
    return 0;
  } finally {
    await worker.remove();
  }
}

/** While it is there no backup is made: one of the workspace that is still empty would be the newest. */
const awaiting = (site: Site) => `${site.backupDirectory}/awaiting-restore`;

/** The workspace is this server's from now on: its first backup goes on after another's. */
export async function noLongerAwaited(site: Site): Promise<void> {
  await site.host.script("scripts/host/restore/take-over.sh", site.settings.directory, {
    AWAITING: awaiting(site),
    TAKES_OVER: `${site.backupDirectory}/takes-over`,
  });
}

function readPassword(file: string): string {
  try {
    const password = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    if (password !== "") return password;
  } catch (error) {
    throw new OperatorError(`--password-file: must be readable (got ${file}: ${(error as Error).message})`, {
      cause: error,
    });
  }
  throw new OperatorError(
    `--password-file: must hold the repository's password (got ${file}, which is empty)`,
  );
}

/** A state that knows a service would have `up` change nothing on a host that has nothing of it. */
async function refuseKnownService(site: Site): Promise<void> {
  const { stack } = site;
  const exported = await exportState(stack);
  const containers = exported?.deployment.resources?.filter(({ type }) => type.endsWith(":Container")) ?? [];
  if (containers.length === 0) return;
  throw new OperatorError(
    `stack ${stack.name}: must not know a service any more (got a state with ${containers.length} containers); nothing was changed; run ${site.command("down")}, then the command again`,
  );
}

async function refuseData(site: Site): Promise<void> {
  const { settings } = site;
  const places = inventoryOf(settings).dataDirectories.map(({ path }) => path);
  for (const mount of new Set([settings.directory, ...places.map((path) => dirname(path))])) {
    const below = places.filter((path) => dirname(path) === mount);
    try {
      await site.host.script("scripts/host/restore/is-empty.sh", mount, {
        SECRETS: chatSecrets(settings),
        AWAITING: awaiting(site),
        PLACES: below.join(" "),
      });
    } catch (error) {
      throw new OperatorError(
        `--empty-host: must be a host without data of this workspace (got ${(error as Error).message.split("\n")[0]}); nothing was changed; into a service that is there: ${site.command("restore", "SNAPSHOT")}`,
        { cause: error },
      );
    }
  }
}

/** What the backup's container will have on the host: restic, scripts and credentials. */
async function ensureTools(site: Site): Promise<void> {
  const { host, settings, backupDirectory } = site;
  const { backup } = settings;
  if (backup === undefined) throw new OperatorError("backup: must be set for this command (got nothing)");
  const kind = kindOf(backup.repository);
  say("▸ fetching restic …");
  for (const image of [settings.helperImage, settings.mongo.image]) await host.ensureImage(image);
  await program(site, backup.resticImage, "/usr/bin/restic");
  if (kind === "sftp") await program(site, backup.rcloneImage, "/usr/local/bin/rclone");
  const { text, variables } = scriptBundle();
  await host.script(
    "scripts/host/unpack.sh",
    backupDirectory,
    { DIRECTORY: `${backupDirectory}/scripts`, ...variables },
    { input: text },
  );
  for (const [name, text] of Object.entries(await credentials(site, backup)))
    await host.script(
      "scripts/host/write-file.sh",
      `${backupDirectory}/credentials`,
      { FILE: `${backupDirectory}/credentials/${name}`, OWNER: "0:0", MODE: "0400" },
      { input: text },
    );
}

async function program({ host, backupDirectory }: Site, image: string, path: string): Promise<void> {
  await host.ensureImage(image);
  const copied = await host.local("scripts/host/copy-program.sh", {
    IMAGE: image,
    PROGRAM: path,
    DIRECTORY: `${backupDirectory}/bin`,
  });
  if (copied.status !== 0) throw new WorkFailed(copied.stderr.trim(), copied.status);
}

/** As the component Backup writes them. */
async function credentials(site: Site, backup: BackupSettings): Promise<Record<string, string>> {
  const files = Object.entries(credentialFiles(backup));
  if (files.length === 0) return {};
  const answer = await capture({
    command: "pulumi",
    args: ["config", "--json", "--show-secrets", ...site.stack.configArgs],
    env: site.stack.env,
  });
  if (answer.status !== 0) throw new OperatorError(answer.stderr.trim());
  const config = JSON.parse(answer.stdout) as Record<string, { value?: string }>;
  return Object.fromEntries(
    files.map(([file, { secrets, text }]) => [
      file,
      text(secrets.map((name) => config[`rocketchat:${name}`]?.value ?? "")),
    ]),
  );
}
