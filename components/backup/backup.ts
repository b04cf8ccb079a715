import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { backupHome, backupName } from "../../inventory/backup";
import { mongoSecrets } from "../../inventory/mongo";
import { chatSecrets } from "../../inventory/rocketchat";
import { type BackupSettings, credentialFiles, kindOf } from "../../settings/backup";
import type { Settings } from "../../settings/schema";
import { Duration } from "../../settings/units";
import { type Bundle, scriptBundle } from "../../engine/bundle";
import type { Engine, Image } from "../host/engine";
import { helperStep, scriptHash } from "../host/host-step";
import type { MongoServer } from "../mongo/mongo-server";
import type { Networks } from "../host/networks";
import type { HostSecret, HostSecrets } from "../host/secrets";
import { Service } from "../host/service";
import type { Mount, Storage } from "../host/storage";

export interface BackupArgs extends BackupSettings {
  /** Where it is made. */
  engine: Engine;
  /** What the container is called on the engine, and in its networks. */
  containerName: string;
  /** Those of the whole stack. */
  settings: Settings;
  /** The server that holds the database. */
  mongo: MongoServer;
  /** Makes the networks that it is on. */
  networks: Networks;
  /** Makes the directory of a repository that is a path. */
  storage: Storage;
  /** The directories that it reads, and nothing is written to. */
  mounts: { uploads: Mount; data: Mount };
  /** What encrypts the repository. */
  password: HostSecret;
  /** What must be done before the first backup is made: the workspace, for instance. */
  after: pulumi.Resource[];
}

interface ServiceParts {
  bundle: Bundle;
  hasCredentials: boolean;
  after: pulumi.Resource[];
}

const root = { uid: 0 };

/**
 * Encrypted, deduplicated backups of one workspace, made every day by a container beside it (docs/backup.md).
 *
 * Owns      the container, `backup/` in the workspace's directory, the repository where that is a directory.
 * Borrows   the workspace's directories and secrets, its user on the database, MongoDB's image, which has mongodump and a
 *           shell; restic and, for sftp, rclone out of theirs.
 * Promises  the service is not stopped and goes on whatever happens here; a backup is there whole or not at all.
 */
export class Backup extends pulumi.ComponentResource {
  /** Its directory on the host. */
  private readonly home: string;

  constructor(
    private readonly name: string,
    private readonly args: BackupArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:Backup", name, {}, opts);
    this.home = backupHome(args.settings);

    const directories = this.makeDirectories();
    const programs = this.copyPrograms();
    const bundle = scriptBundle();
    const scripts = this.unpack(bundle, directories.home);
    const credentials = this.writeCredentials(directories.home);
    this.runService({
      bundle,
      hasCredentials: credentials.length > 0,
      after: [
        args.password.ready,
        args.mounts.uploads.ready,
        args.mounts.data.ready,
        ...programs,
        scripts,
        ...credentials,
        ...Object.values(directories),
        ...args.after,
      ],
    });
    this.registerOutputs({});
  }

  private makeDirectories() {
    const { repository, storage } = this.args;
    const directory = (role: string, path: string, mode: string) =>
      storage.directory(role, { path, owner: root, mode }).ready;
    return {
      home: directory("backup", this.home, "0755"),
      settings: directory("backup-settings", `${this.home}/settings`, "0700"),
      ...(kindOf(repository) === "path" && {
        repository: directory("backup-repository", repository, "0700"),
      }),
    };
  }

  private copyPrograms(): pulumi.Resource[] {
    const { engine, rcloneImage, repository, resticImage } = this.args;
    const restic = this.copyProgram("restic", engine.pull("restic", resticImage), "/usr/bin/restic");
    if (kindOf(repository) !== "sftp") return [restic];
    return [restic, this.copyProgram("rclone", engine.pull("rclone", rcloneImage), "/usr/local/bin/rclone")];
  }

  /** A static program that runs in MongoDB's image as well. */
  private copyProgram(role: string, image: Image, program: string): pulumi.Resource {
    return new command.local.Command(
      `${this.name}-${role}`,
      {
        create: "sh scripts/host/copy-program.sh",
        environment: {
          DOCKER_HOST: this.args.engine.host,
          IMAGE: image.name,
          PROGRAM: program,
          DIRECTORY: `${this.home}/bin`,
          SCRIPT_SHA256: scriptHash("scripts/host/copy-program.sh"),
        },
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [image.ready] },
    );
  }

  private unpack(bundle: Bundle, home: pulumi.Resource): pulumi.Resource {
    return helperStep(
      `${this.name}-scripts`,
      {
        engine: this.args.engine,
        script: "scripts/host/unpack.sh",
        mount: this.home,
        environment: { DIRECTORY: `${this.home}/scripts`, ...bundle.variables },
        stdin: bundle.text,
      },
      { parent: this, dependsOn: [home] },
    );
  }

  private writeCredentials(home: pulumi.Resource): pulumi.Resource[] {
    const { engine, settings } = this.args;
    return Object.entries(credentialFiles(this.args)).map(([file, { secrets, text }]) =>
      helperStep(
        `${this.name}-${file}`,
        {
          engine,
          script: "scripts/host/write-file.sh",
          mount: `${this.home}/credentials`,
          environment: { FILE: `${this.home}/credentials/${file}`, MODE: "0400" },
          owner: root,
          stdin:
            secrets.length === 0
              ? text([])
              : pulumi.secret(pulumi.all(secrets.map((key) => settings.secrets[key] ?? "")).apply(text)),
        },
        { parent: this, dependsOn: [home] },
      ),
    );
  }

  private runService({ bundle, hasCredentials, after }: ServiceParts): void {
    const { containerName, engine, mongo, networks, settings } = this.args;
    new Service(
      this.name,
      {
        engine,
        containerName,
        // restic writes it into its locks: those of a killed run are known by it.
        hostname: containerName,
        image: mongo.image,
        user: "0",
        // The files belong to others: to read and link them, and to copy them with their owners.
        capabilities: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"],
        command: ["bash", "/backup/scripts/schedule.sh"],
        environment: environment(this.args),
        networks: [
          { name: mongo.network, aliases: [] },
          { name: networks.egress().name, aliases: [] },
        ],
        mounts: this.mounts(hasCredentials),
        tmpfs: {
          "/tmp": "size=64m,mode=1777",
          "/run": "size=16m",
          "/data/db": "size=1m",
          "/data/configdb": "size=1m",
        },
        readOnly: true,
        init: true,
        labels: { "rocketchat.scripts": createHash("sha256").update(bundle.text).digest("hex").slice(0, 16) },
        health: {
          test: ["CMD-SHELL", "find /run/backup/alive -mmin -2 | grep -q ."],
          interval: Duration.seconds(15),
          timeout: Duration.seconds(10),
          retries: 3,
          startPeriod: Duration.minutes(1),
        },
        resources: settings.resources.backup,
        // Whoever serves users comes first; an idle processor it has to itself.
        cpuShares: 64,
        stopGrace: Duration.seconds(30),
        after,
      },
      { parent: this },
    );
  }

  private mounts(hasCredentials: boolean) {
    const { mounts, repository, settings } = this.args;
    const own = ["bin", "scripts", "settings", ...(hasCredentials ? ["credentials"] : [])];
    return [
      { hostPath: this.home, containerPath: "/backup", readOnly: false },
      ...own.map((part) => ({
        hostPath: `${this.home}/${part}`,
        containerPath: `/backup/${part}`,
        readOnly: true,
      })),
      { hostPath: mounts.uploads.hostPath, containerPath: "/uploads", readOnly: false },
      // A file is linked within one mount only: this one has the uploads and, beside them, a directory of root's.
      { hostPath: settings.directory, containerPath: "/parts/home", readOnly: false },
      { hostPath: chatSecrets(settings), containerPath: "/parts/home/secrets", readOnly: true },
      { hostPath: mounts.data.hostPath, containerPath: "/parts/data", readOnly: true },
      ...(settings.mongo.mode === "managed"
        ? [{ hostPath: mongoSecrets(settings.mongo), containerPath: "/parts/mongo-secrets", readOnly: true }]
        : []),
      // The schedule is in the host's time.
      { hostPath: "/etc/localtime", containerPath: "/etc/localtime", readOnly: true },
      ...(kindOf(repository) === "path"
        ? [{ hostPath: repository, containerPath: "/repository", readOnly: false }]
        : []),
    ];
  }
}

/** The backup that the settings ask for, as the parts list needs it; empty where they ask for none. */
export interface ScheduledBackup {
  parts: pulumi.Resource[];
  outputs: { backupPassword?: pulumi.Output<string> };
}

export function scheduledBackup(
  name: string,
  {
    settings,
    secrets,
    ...args
  }: { settings: Settings; secrets: HostSecrets } & Pick<
    BackupArgs,
    "engine" | "mongo" | "networks" | "storage" | "mounts" | "after"
  >,
): ScheduledBackup {
  if (settings.backup === undefined) return { parts: [], outputs: {} };
  const password = secrets.generate("backup-password", { length: 48 });
  const backup = new Backup(name, {
    ...settings.backup,
    ...args,
    settings,
    password,
    containerName: backupName(settings),
  });
  return {
    parts: [backup],
    outputs: { backupPassword: password.value },
  };
}

function environment({ settings, mongo, ...args }: BackupArgs): string[] {
  const { database, user } = settings.mongo;
  return Object.entries({
    STACK: settings.stack,
    PREFIX: settings.prefix,
    SITE: settings.hostname,
    MONGO: mongo.hostname,
    REPLICA_SET: mongo.replicaSet,
    DATABASE: database,
    DATABASE_USER: user,
    UPLOADS: settings.uploads.directory.startsWith(`${settings.directory}/`)
      ? settings.uploads.directory.slice(settings.directory.length + 1)
      : "",
    STORAGE: settings.uploads.storage,
    ROCKETCHAT_VERSION: settings.rocketchat.version,
    PROJECT_VERSION: projectVersion(),
    REPOSITORY: args.repository,
    TIME: args.time,
    JITTER: String(args.jitter.toSeconds()),
    KEEP_DAILY: String(args.keepDaily),
    KEEP_WEEKLY: String(args.keepWeekly),
    KEEP_MONTHLY: String(args.keepMonthly),
    ...(args.appendOnly && { APPEND_ONLY: "yes" }),
    ...(args.uploadLimit && { UPLOAD_LIMIT: String(Math.ceil(args.uploadLimit.toBytes() / 1024)) }),
    HOME: "/tmp",
  }).map(([key, value]) => `${key}=${value}`);
}

function projectVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}
