import * as pulumi from "@pulumi/pulumi";
import { existingMongoCheck } from "../../settings/existing-mongo";
import type { ExistingMongo as ExistingMongoSettings } from "../../settings/mongo";
import type { Settings } from "../../settings/schema";
import type { Engine, Image } from "../host/engine";
import { mongoshStep } from "../host/host-step";
import type { MongoServer } from "./mongo-server";

export interface ExistingMongoArgs {
  /** Where it is made. */
  engine: Engine;
  /** Its mongosh looks at the set. */
  image: Image;
  /** Those of the whole stack. */
  settings: Settings;
  /** The server that others run, as it is set. */
  mongo: ExistingMongoSettings;
}

/**
 * A replica set that another stack or a person runs.
 *
 * Owns      nothing.
 * Borrows   the set, its network, its administrator's credentials.
 * Promises  `server.ready` is done when the set has been found fit and the database empty or this workspace's own; nothing is
 *           changed on it.
 */
export class ExistingMongo extends pulumi.ComponentResource {
  readonly server: MongoServer;

  constructor(name: string, args: ExistingMongoArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:ExistingMongo", name, {}, opts);
    const { engine, image, mongo } = args;
    const password = args.settings.secrets.mongoAdminPassword ?? pulumi.secret("");
    const shell = { image, network: mongo.network };

    const checked = mongoshStep(
      `${name}-check`,
      {
        engine,
        script: "scripts/mongo/check-existing.js",
        shell,
        environment: existingMongoCheck(args.settings, mongo),
        stdin: pulumi.secret(pulumi.jsonStringify({ adminPassword: password })),
      },
      { parent: this },
    );

    this.server = {
      engine,
      image,
      shell,
      address: `${mongo.hostname}:27017/?replicaSet=${mongo.replicaSet}`,
      hostname: mongo.hostname,
      replicaSet: mongo.replicaSet,
      network: mongo.network,
      administrator: { user: mongo.admin, password },
      own: false,
      ready: checked,
    };
    this.registerOutputs({});
  }
}
