import type * as pulumi from "@pulumi/pulumi";
import { mongoSecrets } from "../inventory/mongo";
import type { Settings } from "../settings/schema";
import type { Engine, Image } from "./engine";
import { ExistingMongo } from "./existing-mongo";
import type { MongoShell } from "./host-step";
import { MongoReplicaSet } from "./mongo-replica-set";
import type { Networks } from "./networks";
import { HostSecrets } from "./secrets";
import type { Storage } from "./storage";

/** How to reach a replica set and act on it as its administrator. */
export interface MongoServer {
  engine: Engine;
  /** MongoDB's image: it has mongosh and the tools that dump. */
  image: Image;
  /** Where mongosh runs. */
  shell: MongoShell;
  /** The set as that mongosh reaches it: what follows `mongodb://`. */
  address: string;
  /** A member as applications reach it. */
  hostname: string;
  replicaSet: string;
  /** Network of the set's clients. */
  network: pulumi.Input<string>;
  administrator: { user: string; password: pulumi.Output<string> };
  /** This stack runs the set: what nobody has marked as his own there is the stack's. */
  own: boolean;
  /** Done when the set has a primary and takes users. */
  ready: pulumi.Resource;
}

export interface MongoServerArgs {
  engine: Engine;
  settings: Settings;
  storage: Storage;
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
