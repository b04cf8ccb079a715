import * as pulumi from "@pulumi/pulumi";
import type { Resources } from "../../settings/schema";
import { type ByteSize, Duration } from "../../settings/units";
import type { Engine, Image } from "../host/engine";
import { helperStep, mongoshStep } from "../host/host-step";
import type { MongoServer } from "./mongo-server";
import type { HostSecrets } from "../host/secrets";
import { Service, type ServiceArgs } from "../host/service";
import type { Mount } from "../host/storage";

export interface MongoReplicaSetArgs {
  /** Where it is made. */
  engine: Engine;
  /** Its user `mongodb` owns the data and the key file. */
  image: Image;
  /** Container name, network alias and member host name: every client must resolve it. */
  hostname: string;
  /** The set's name, which it has stored and keeps. */
  replicaSet: string;
  /** Host directory of the database's files. */
  data: Mount;
  /** Keep its key file and the passwords of `root` and `monitor`. */
  secrets: HostSecrets;
  /** Network of the set's clients. */
  network: pulumi.Input<string>;
  /** Size of the oplog; a change is applied without losing it. */
  oplogSize: ByteSize;
  /** WiredTiger's cache; the rest of the container's memory is for connections and sorting. */
  cacheSize: ByteSize;
  /** Files that mongod may hold open; it ends by itself for want of them. */
  openFiles: number;
  /** What its container may use at most: memory, CPUs, processes. */
  resources: Resources;
  /** How long it may take to stop, before it is killed. */
  stopGrace: Duration;
}

/**
 * The MongoDB replica set that applications of this host share.
 *
 * Rocket.Chat needs transactions, which MongoDB offers only on a replica set, so even one member runs as a set. It
 * outlives a crashed process or a restart, never the machine.
 *
 * Owns      the container, its key file's owner, the initiation of the set, the users `root` and `monitor`.
 * Borrows   the data directory from `Storage`, the secrets' values from `HostSecrets`; nothing here deletes data.
 * Promises  `server.ready` is done when a primary takes writes; the member's name is the alias that clients resolve.
 */
export class MongoReplicaSet extends pulumi.ComponentResource {
  readonly server: MongoServer;

  constructor(name: string, args: MongoReplicaSetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:MongoReplicaSet", name, {}, opts);

    const keyfile = args.secrets.generate("keyfile", { length: 512 });
    const rootPassword = args.secrets.generate("root-password", { length: 32 });
    const monitorPassword = args.secrets.generate("monitor-password", { length: 32 });

    const keyfileOwned = helperStep(
      `${name}-keyfile-owner`,
      {
        engine: args.engine,
        script: "scripts/host/own-file.sh",
        mount: args.secrets.directory,
        environment: { FILE: keyfile.file, MODE: "0400" },
        owner: { image: args.image, user: "mongodb" },
      },
      { parent: this, dependsOn: [keyfile.ready] },
    );

    const service = new Service(
      name,
      {
        engine: args.engine,
        containerName: args.hostname,
        image: args.image,
        user: "mongodb",
        command: mongodCommand(args),
        networks: [{ name: args.network, aliases: [] }],
        mounts: [
          { hostPath: args.data.hostPath, containerPath: "/data/db", readOnly: false },
          { hostPath: keyfile.file, containerPath: "/etc/mongod/keyfile", readOnly: true },
        ],
        // mongosh keeps a log of every run below HOME, also of every health check.
        environment: ["HOME=/tmp"],
        tmpfs: { "/tmp": "size=64m,mode=1777", "/data/configdb": "size=1m" },
        readOnly: true,
        ulimits: [{ name: "nofile", soft: args.openFiles, hard: args.openFiles }],
        health: healthCheck(args.replicaSet),
        resources: args.resources,
        stopGrace: args.stopGrace,
        after: [args.data.ready, keyfileOwned],
      },
      { parent: this },
    );

    const shell = { container: args.hostname };
    const initiated = mongoshStep(
      `${name}-initiate`,
      {
        engine: args.engine,
        script: "scripts/mongo/replica-set.js",
        shell,
        environment: {
          REPLICA_SET: args.replicaSet,
          MEMBER: `${args.hostname}:27017`,
          OPLOG_MIB: String(args.oplogSize.toMebibytes()),
          CONTAINER_ID: service.container.id,
        },
        stdin: pulumi.secret(
          pulumi.jsonStringify({ rootPassword: rootPassword.value, monitorPassword: monitorPassword.value }),
        ),
      },
      { parent: this },
    );

    this.server = {
      engine: args.engine,
      image: args.image,
      shell,
      address: "127.0.0.1:27017/?directConnection=true",
      hostname: args.hostname,
      replicaSet: args.replicaSet,
      network: args.network,
      administrator: { user: "root", password: rootPassword.value },
      own: true,
      ready: initiated,
    };
    this.registerOutputs({});
  }
}

function mongodCommand(args: MongoReplicaSetArgs): string[] {
  return [
    "mongod",
    "--replSet",
    args.replicaSet,
    "--keyFile",
    "/etc/mongod/keyfile",
    "--bind_ip_all",
    "--oplogSize",
    String(args.oplogSize.toMebibytes()),
    "--wiredTigerCacheSizeGB",
    String(args.cacheSize.toGibibytes()),
  ];
}

function healthCheck(replicaSet: string): NonNullable<ServiceArgs["health"]> {
  return {
    test: ["CMD", "mongosh", "--quiet", "--norc", "--eval", healthExpression(replicaSet)],
    interval: Duration.seconds(30),
    timeout: Duration.seconds(20),
    retries: 3,
    startPeriod: Duration.minutes(2),
  };
}

/** Healthy when this member names its set, or says that none is configured yet. Needs no login. */
function healthExpression(replicaSet: string): string {
  const set = JSON.stringify(replicaSet);
  return `const h = db.hello(); quit(h.setName === ${set} || /replSetInitiate/.test(h.info ?? "") || h.isreplicaset ? 0 : 1)`;
}
