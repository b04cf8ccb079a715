import { z } from "zod";
import {
  byteSize,
  directory,
  duration,
  image,
  networkName,
  oneOf,
  text,
  wholeMebibytes,
  wholeNumber,
} from "./leaf";
import { isExactVersion, isLabel } from "./names";
import { ByteSize, Duration } from "./units";

/** The MongoDB replica set, and Rocket.Chat's user on it. */
export type MongoSettings = ManagedMongo | ExistingMongo;

interface AnyMongo {
  /** @default "rs0" */
  replicaSet: string;

  /**
   * Rocket.Chat's database.
   * @default "rocketchat"
   */
  database: string;

  /**
   * Rocket.Chat's user, with readWrite and the role `restoring` on its database and nothing more.
   * @default "rocketchat"
   */
  user: string;

  /**
   * Exact x.y.z; required, so that nobody's data files are upgraded by accident. On an existing set: the version whose
   * mongosh looks at the set and makes the user; the set says itself what it runs.
   */
  version: string;

  /** @default "mongo:<version>" */
  image: string;
}

/** A replica set that this stack runs. */
export interface ManagedMongo extends AnyMongo {
  mode: "managed";

  /**
   * Container and member host name. Used as it is when given: the prefix is not put before it. The replica
   * set stores it, so changing it later cuts the set off from its clients.
   * @default "<prefix>mongodb-shared"
   */
  hostname: string;

  /**
   * On the host: the set's secrets.
   * @default "/opt/<prefix>mongodb-shared"
   */
  directory: string;

  /**
   * On the host: the data files.
   * @default "<mongo.directory>/data"
   */
  dataDirectory: string;

  /**
   * Room for the operations log, in whole MiB from 990 MiB (mongod's own minimum) to 50 GiB. The larger it
   * is, the longer a reader may be away without losing its place.
   * @default 1 GiB
   */
  oplogSize: ByteSize;

  /**
   * WiredTiger's cache, at least 256 MiB. mongod needs 256 MiB and more beside it, so it must fit into
   * `resources.mongo.memory` with that much to spare.
   * @default 512 MiB
   */
  cacheSize: ByteSize;

  /**
   * How many files mongod may hold open, from 4096. MongoDB asks for 64000 and ends by itself for want of them; lower it only
   * on an engine that may not give as many.
   * @default 64000
   */
  openFiles: number;

  /**
   * How long mongod may take to flush before it is killed.
   * @default 1 minute
   */
  stopGrace: Duration;
}

/** A replica set that another stack or a person runs on the same engine. Its administrator's password is a secret. */
export interface ExistingMongo extends AnyMongo {
  mode: "existing";

  /** Name of a member on `network`; required. It answers on port 27017. */
  hostname: string;

  /** The Docker network on which the set's members find each other; required. */
  network: string;

  /**
   * The user of the set, in the database `admin`, that may make users.
   * @default "root"
   */
  admin: string;
}

const name = (example: string) =>
  text(
    example,
    'must start with a letter, go on with letters, digits, "_" or "-", at most 38 in all, and not be admin, local or config',
    (value) =>
      /^[A-Za-z][A-Za-z0-9_-]{0,37}$/.test(value) &&
      !["admin", "local", "config"].includes(value.toLowerCase()),
  );

export const mongoSchema = z.strictObject({
  mode: oneOf("managed", "existing").default("managed"),
  network: networkName("data").optional(),
  hostname: text(
    "mongodb-shared",
    "must be a lower-case name without dots of 2 to 63 letters, digits and hyphens",
    isLabel,
  ).optional(),
  replicaSet: text(
    "rs0",
    'must start with a letter and go on with letters, digits, "_" or "-", at most 63 in all',
    (value) => /^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(value),
  ).default("rs0"),
  admin: text("root", 'must be 1 to 64 letters, digits, "-", "_", "." and "@"', (value) =>
    /^[0-9A-Za-z_.@-]{1,64}$/.test(value),
  ).default("root"),
  database: name("rocketchat").default("rocketchat"),
  user: name("rocketchat").default("rocketchat"),
  version: text("8.0.20", "must be an exact version x.y.z", isExactVersion),
  image: image("mongo:8.0.20").optional(),
  directory: directory("/opt/mongodb-shared").optional(),
  dataDirectory: directory("/opt/mongodb-shared/data").optional(),
  oplogSize: wholeMebibytes("2 GiB", "990 MiB", "50 GiB").default(ByteSize.mebibytes(1024)),
  cacheSize: byteSize("512 MiB", "256 MiB").default(ByteSize.mebibytes(512)),
  openFiles: wholeNumber(64000, 4096, 1_048_576).default(64000),
  stopGrace: duration("1 minute", "1 second", "1 hour").default(Duration.minutes(1)),
});
