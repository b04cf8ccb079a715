import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../lib/paths";
import { OperatorError } from "../lib/steps";
import { refuseAtWork } from "./journal";
import { hasEnded, type Site, thisActor } from "./site";

const label = "rocketchat.restore";

/**
 * A throw-away container that does what a restore does on the host: it reaches the database and the repository as the component
 * Backup does, and may write where that one only reads. Killed with the command that started it, it is found by its name.
 */
export class Worker {
  private constructor(private readonly site: Site) {}

  /** @throws OperatorError while another restore of the workspace has one. */
  static async start(site: Site): Promise<Worker> {
    await removeLeftover(site);
    const { host, settings } = site;
    const inspected = await host.try(["container", "inspect", site.backup]);
    const backup = inspected.status === 0 ? (JSON.parse(inspected.stdout) as Inspected[])[0] : undefined;
    const directories = [settings.directory, ...Object.values(site.fileDirectories)];
    await host.docker([
      ...[
        "run",
        "--detach",
        "--init",
        "--name",
        site.worker,
        "--label",
        `rocketchat.stack=${settings.stack}`,
      ],
      ...["--label", `${label}=${JSON.stringify(thisActor)}`],
      ...(backup?.State.Running
        ? ["--network", `container:${site.backup}`, "--volumes-from", site.backup]
        : ["--network", site.dataNetwork]),
      ...[...new Set(directories)].flatMap((path) => ["--volume", `${path}:${path}`]),
      ...(backup?.Config.Env ?? [])
        .filter((entry) => !/^(PATH|HOME)=/.test(entry))
        .flatMap((entry) => ["--env", entry]),
      ...["--env", "HOME=/tmp", "--env", `PATH=${site.backupDirectory}/bin:${systemPath}`],
      ...["--user", "0", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
      ...["CHOWN", "DAC_OVERRIDE", "FOWNER"].flatMap((capability) => ["--cap-add", capability]),
      ...["--read-only", "--tmpfs", "/tmp", "--log-driver", "none", "--memory", "1g", "--pids-limit", "256"],
      ...["--entrypoint", "sleep", settings.mongo.image, "infinity"],
    ]);
    return new Worker(site);
  }

  /** Runs a script of `ops/host/restore`; secrets come on standard input. @returns what it prints */
  async sh(script: string, variables: Record<string, string>, input = ""): Promise<string> {
    const answer = await this.site.host.try(
      [
        ...["exec", "--interactive"],
        ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
        ...[this.site.worker, "sh", "-euc", readFileSync(join(projectRoot, script), "utf8")],
      ],
      input,
    );
    if (answer.status === 0) return answer.stdout;
    throw new WorkFailed(answer.stderr.trim(), answer.status);
  }

  /** Runs a script of `ops/mongo` on the workspace's database, as the workspace's own user. @returns its last line, as JSON */
  async mongosh<T>(script: string, variables: Record<string, string>, input: object = {}): Promise<T> {
    const { mongo } = this.site.settings;
    const uri =
      `mongodb://${mongo.user}@${mongo.hostname}:27017/${mongo.database}?replicaSet=${mongo.replicaSet}` +
      `&authSource=${mongo.database}&w=majority&journal=true&serverSelectionTimeoutMS=60000`;
    const password = await this.databasePassword();
    const answer = await this.site.host.mongosh(script, this.site.worker, variables, {
      ...input,
      uri: uri.replace("@", `:${encodeURIComponent(password)}@`),
    });
    if (answer.status !== 0) throw new WorkFailed(answer.stderr.trim(), answer.status);
    return JSON.parse(answer.stdout.trim().split("\n").at(-1)!) as T;
  }

  /** restic on the repository, reading only: it leaves no lock. @returns what it prints */
  restic(args: string[]): Promise<string> {
    return this.sh("ops/host/restore/restic.sh", { ARGUMENTS: args.join("\n") });
  }

  /** Of the workspace's own user, who may do nothing outside its database. */
  async databasePassword(): Promise<string> {
    const { directory } = this.site.settings;
    return this.sh("ops/host/read-file.sh", { FILE: `${directory}/secrets/mongo-password` });
  }

  async remove(): Promise<void> {
    await this.site.host.try(["rm", "--force", "--volumes", this.site.worker]);
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

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

interface Inspected {
  State: { Running: boolean };
  Config: { Env: string[] };
}

/** Ends what a killed command left at work. */
async function removeLeftover({ host, worker }: Site): Promise<void> {
  const found = await host.try([
    ...["container", "inspect", "--format", `{{index .Config.Labels "${label}"}}`, worker],
  ]);
  if (found.status !== 0) return;
  const by = JSON.parse(found.stdout.trim() || '{"host":"","pid":0}') as typeof thisActor;
  refuseAtWork(by);
  if (!hasEnded(by) && by.pid !== thisActor.pid)
    throw new OperatorError(
      `npm run restore: one at a time (got a second one, while process ${by.pid} of ${by.host} may be at work); if that one is gone: docker rm --force ${worker}`,
    );
  await host.docker(["rm", "--force", "--volumes", worker]);
}
