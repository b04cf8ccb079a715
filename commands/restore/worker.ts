import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { chatSecrets } from "../../inventory/rocketchat";
import { capable, sealed, unlogged } from "../../engine/hardening";
import { labelled, restoreLabel, stackLabel } from "../../engine/labels";
import { type Actor, hasEnded, thisActor } from "../../settings/actor";
import { projectRoot } from "../../terminal/paths";
import { OperatorError } from "../../terminal/steps";
import { refuseAtWork } from "./journal";
import type { Site } from "./site";

export interface WorkerOptions {
  /** @default the restore's */
  name?: string;
  /** Directories of the host that it may write to, besides the workspace's. @default none */
  more?: string[];
  /** One that is older was left by a command that has ended, wherever it ran. @default it may take for ever */
  longestSeconds?: number;
}

/**
 * A throw-away container that does what a restore does on the host: it has the repository and the database as the backup's
 * container has them, and may write where that one only reads. Killed with the command that started it, it is found by its name.
 */
export class Worker {
  private password: Promise<string> | undefined;

  private constructor(
    private readonly site: Site,
    private readonly name: string,
  ) {}

  /** @throws OperatorError while another command has one of that name, and where no backup was ever set up. */
  static async start(site: Site, options: WorkerOptions = {}): Promise<Worker> {
    const { name = site.worker, more = [] } = options;
    await removeLeftover(site, name, options.longestSeconds ?? Number.POSITIVE_INFINITY);
    const { host, settings } = site;
    const { repository, directory } = { repository: site.repository, directory: settings.directory };
    // A file changes places within one mount only: what lies in the workspace's directory is reached through that.
    const apart = [...Object.values(site.fileDirectories), ...more].filter(
      (path) => !path.startsWith(`${directory}/`),
    );
    const own = [...new Set([directory, ...apart])];
    const run = [
      "run",
      "--detach",
      "--init",
      `--name=${name}`,
      labelled(stackLabel, settings.stack),
      labelled(restoreLabel, JSON.stringify(thisActor)),
      `--network=${await networkFor(site)}`,
      // Where scripts/backup/common.sh looks for them.
      `--mount=type=bind,source=${site.backupDirectory},target=/backup`,
      `--volume=${directory}:/parts/home:ro`,
      ...(repository.startsWith("/") ? [`--volume=${repository}:/repository`] : []),
      ...own.map((path) => `--volume=${path}:${path}`),
      `--env=REPOSITORY=${repository}`,
      `--env=PREFIX=${settings.prefix}`,
      "--env=HOME=/tmp",
      "--user=0",
      ...sealed,
      ...capable("CHOWN", "DAC_OVERRIDE", "FOWNER"),
      "--tmpfs=/tmp",
      "--tmpfs=/run",
      unlogged,
      "--memory=1g",
      "--pids-limit=256",
      "--entrypoint=sleep",
      settings.mongo.image,
      "infinity",
    ];
    await host.docker(run).catch((error: Error) => {
      // With `--mount` a directory is not made where it is missing.
      if (!/bind source path does not exist/.test(error.message)) throw error;
      throw new OperatorError(
        `${site.backupDirectory}: must hold the tools of the backups (got no such directory); deploy first: ${site.command("up")}; a new host: docs/restore.md`,
        { cause: error },
      );
    });
    return new Worker(site, name);
  }

  /** Runs a script of `scripts/host`; secrets come on standard input. @returns what it prints */
  sh(script: string, variables: Record<string, string>, input = ""): Promise<string> {
    return this.exec(["sh", "-euc", `${library()}\n${source(script)}`], variables, input);
  }

  /** As `sh`, for a script that calls restic on the repository. */
  withRepository(script: string, variables: Record<string, string>): Promise<string> {
    const who = `a restore or a drill of ${userInfo().username}@${thisActor.host}`;
    return this.exec(
      ["bash", "-euc", `${connect}\n${library()}\n${source(script)}`],
      { ...variables, WHO: who },
      "",
    );
  }

  /** Runs a script of `scripts/mongo` on the workspace's database, as the workspace's own user. @returns its last line, as JSON */
  async mongosh<T>(script: string, variables: Record<string, string>, input: object = {}): Promise<T> {
    const { mongo } = this.site.settings;
    const uri =
      `mongodb://${mongo.user}:${encodeURIComponent(await this.databasePassword())}@${mongo.hostname}:27017/${mongo.database}` +
      `?replicaSet=${mongo.replicaSet}&authSource=${mongo.database}&w=majority&journal=true&serverSelectionTimeoutMS=60000`;
    return this.offline(script, variables, { ...input, uri });
  }

  /** As `mongosh`, for a script that needs no database. */
  async offline<T>(script: string, variables: Record<string, string>, input: object = {}): Promise<T> {
    const answer = await this.site.host.mongosh(script, this.name, variables, input);
    if (answer.status !== 0) throw new WorkFailed(answer.stderr.trim(), answer.status);
    return JSON.parse(answer.stdout.trim().split("\n").at(-1)!) as T;
  }

  /**
   * restic on the repository, reading only: it leaves no lock.
   * @param patience How long it may take. @default "0", for ever
   * @returns what it prints
   */
  restic(args: string[], patience: "2m" | "0" = "0"): Promise<string> {
    return this.withRepository("scripts/host/restore/restic.sh", {
      ARGUMENTS: args.join("\n"),
      PATIENCE: patience,
    });
  }

  /** Of the workspace's own user, who may do nothing outside its database. */
  databasePassword(): Promise<string> {
    return (this.password ??= this.sh("scripts/host/read-file.sh", {
      FILE: `${chatSecrets(this.site.settings)}/mongo-password`,
    }));
  }

  async remove(): Promise<void> {
    await this.site.host.try(["rm", "--force", "--volumes", this.name]);
  }

  private async exec(command: string[], variables: Record<string, string>, input: string): Promise<string> {
    const given = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const answer = await this.site.host.try(["exec", "--interactive", ...given, this.name, ...command], {
      input,
    });
    if (answer.status === 0) return answer.stdout;
    throw new WorkFailed(answer.stderr.trim(), answer.status);
  }
}

/** What a script of the worker said when it failed. */
export class WorkFailed extends Error {
  constructor(
    readonly said: string,
    readonly status: number,
  ) {
    super(said);
  }
}

/** Sets restic up for the repository, as a backup does. */
const connect = ". /backup/scripts/common.sh\nmkdir -p /run/backup\nrepository";

/** What the scripts share; that of the backup's container may be of another release. */
function library(): string {
  return ["scripts/backup/place.sh", "scripts/host/restore/waiting.sh"].map(source).join("\n");
}

function source(script: string): string {
  return readFileSync(join(projectRoot, script), "utf8");
}

/** The backup's own, from which database and repository are reached; without it the database's, or any. */
async function networkFor({ backup, dataNetwork, host }: Site): Promise<string> {
  const running = await host.try(["container", "inspect", "--format", "{{.State.Running}}", backup]);
  if (running.stdout.trim() === "true") return `container:${backup}`;
  const data = await host.try(["network", "inspect", dataNetwork]);
  return data.status === 0 ? dataNetwork : "bridge";
}

/** Ends what a killed command left at work. */
async function removeLeftover({ host }: Site, name: string, longestSeconds: number): Promise<void> {
  const format = `{{index .Config.Labels "${restoreLabel}"}}`;
  const found = await host.try(["container", "inspect", "--format", format, name]);
  if (found.status !== 0) return;
  const by = JSON.parse(found.stdout) as Actor;
  const isOld = Date.now() - Date.parse(by.timestamp) > longestSeconds * 1000;
  if (!isOld) refuseAtWork(by);
  const isOurs = by.host === thisActor.host && by.pid === thisActor.pid;
  if (!isOld && !hasEnded(by) && !isOurs)
    throw new OperatorError(
      `${name}: one at a time (got a second one, while process ${by.pid} of ${by.host} may be at work); if that one is gone: docker rm --force ${name}`,
    );
  await host.docker(["rm", "--force", "--volumes", name]);
}
