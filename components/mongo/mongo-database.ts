import * as pulumi from "@pulumi/pulumi";
import { mongoshStep } from "../host/host-step";
import { mongoPatience } from "./mongo-patience";
import type { MongoServer } from "./mongo-server";
import type { HostSecret, HostSecrets } from "../host/secrets";
import { workspaceName } from "../../inventory/rocketchat";
import { readsOplog } from "../../settings/rocketchat-versions";
import type { Settings } from "../../settings/schema";

export interface MongoDatabaseArgs {
  /** Where the user is made. */
  server: MongoServer;
  /** Name of the database, in which the user logs in. */
  database: string;
  /** Name of the user. */
  user: string;
  /** Its password, as the host keeps it. */
  password: HostSecret;
  /** Whose the user is; it is marked so, and another's is refused. */
  workspace: string;
  /** The application reads the oplog (Rocket.Chat 7 and older). @default false */
  readsOplog: boolean;
}

/** A connection string, and what stands for it in fingerprints. */
export interface MongoUri {
  value: pulumi.Output<string>;
  standIn: pulumi.Output<string>;
}

/**
 * One application's user on a replica set: `readWrite` in its own database, and what a restore needs there beside it.
 *
 * Owns      the user and the role `restoring`, in the application's database.
 * Borrows   the set, made here or existing; nothing else on it changes.
 * Promises  `uri` logs in once `ready` is done; a write over it is acknowledged when a majority has it in its journal, whatever
 *           default the server has.
 */
export class MongoDatabase extends pulumi.ComponentResource {
  readonly uri: MongoUri;
  /** The same login on `local`, where the oplog is; only for an application that reads it. */
  readonly oplogUri: MongoUri | undefined;
  readonly ready: pulumi.Resource;

  constructor(name: string, args: MongoDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:MongoDatabase", name, {}, opts);
    const { server } = args;

    this.ready = mongoshStep(
      `${name}-user`,
      {
        engine: server.engine,
        script: "scripts/mongo/database-user.js",
        shell: server.shell,
        environment: {
          ADDRESS: server.address,
          ADMIN: server.administrator.user,
          DATABASE: args.database,
          DATABASE_USER: args.user,
          READS_OPLOG: String(args.readsOplog),
          UNMARKED_IS_OURS: String(server.own),
          WORKSPACE: args.workspace,
        },
        stdin: pulumi.secret(
          pulumi.jsonStringify({
            adminPassword: server.administrator.password,
            password: args.password.value,
          }),
        ),
      },
      { parent: this, dependsOn: [server.ready] },
    );

    const uri = (password: pulumi.Output<string>, database: string) =>
      pulumi.interpolate`mongodb://${args.user}:${password.apply(encodeURIComponent)}@${server.hostname}:27017/${database}?replicaSet=${server.replicaSet}&authSource=${args.database}&retryWrites=true&w=majority&journal=true&${mongoPatience}`;
    const uris = (database: string): MongoUri => ({
      value: uri(args.password.value, database),
      standIn: uri(pulumi.output(args.password.standIn), database),
    });
    this.uri = uris(args.database);
    this.oplogUri = args.readsOplog ? uris("local") : undefined;
    this.registerOutputs({});
  }
}

/** The workspace's own, with a password that the host keeps beside the workspace's other secrets. */
export function workspaceDatabase(
  name: string,
  { server, settings, secrets }: { server: MongoServer; settings: Settings; secrets: HostSecrets },
): MongoDatabase {
  return new MongoDatabase(name, {
    server,
    database: settings.mongo.database,
    user: settings.mongo.user,
    password: secrets.generate("mongo-password", { length: 32 }),
    workspace: workspaceName(settings),
    readsOplog: readsOplog(settings.rocketchat.version),
  });
}
