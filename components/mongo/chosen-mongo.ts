import type * as pulumi from "@pulumi/pulumi";
import { mongoSecrets } from "../../inventory/mongo";
import type { Settings } from "../../settings/schema";
import type { Engine } from "../host/engine";
import { ExistingMongo } from "./existing-mongo";
import { MongoReplicaSet } from "./mongo-replica-set";
import type { MongoServer } from "./mongo-server";
import type { Networks } from "../host/networks";
import { HostSecrets } from "../host/secrets";
import type { Storage } from "../host/storage";

export interface MongoServerArgs {
  /** Where it is made. */
  engine: Engine;
  /** Those of the whole stack. */
  settings: Settings;
  /** Makes its directories on the host. */
  storage: Storage;
  /** Makes the networks that it is on. */
  networks: Networks;
}

/** The replica set that the settings name: one of this stack's own, or one that others run. */
export function mongoServer(
  name: string,
  { engine, settings, storage, networks }: MongoServerArgs,
): pulumi.ComponentResource & { server: MongoServer } {
  const { mongo, resources } = settings;
  const image = engine.pull("mongo", mongo.image);
  if (mongo.mode === "existing") return new ExistingMongo(name, { engine, image, settings, mongo });
  return new MongoReplicaSet(name, {
    ...mongo,
    engine,
    image,
    data: storage.directory("mongo", {
      path: mongo.dataDirectory,
      owner: { image, user: "mongodb" },
    }),
    secrets: new HostSecrets(`${name}-secrets`, { engine, directory: mongoSecrets(mongo) }),
    network: networks.data().name,
    resources: resources.mongo,
  });
}
