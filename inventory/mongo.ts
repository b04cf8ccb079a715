import type { ManagedMongo } from "../settings/mongo";
import type { PlainSettings } from "../settings/schema";
import { ownNetwork } from "./network";
import type { Kind, Network, Part } from "./part";
import { isGeneration } from "./proof";

export const mongoSecrets = ({ directory }: Pick<ManagedMongo, "directory">): string =>
  `${directory}/secrets`;

/** Where the database lies where no setting says otherwise. */
export const standardMongoData = ({ directory }: Pick<ManagedMongo, "directory">): string =>
  `${directory}/data`;

/** Where applications reach their database. */
export function mongoNetwork(settings: PlainSettings): Network {
  const { mongo } = settings;
  return mongo.mode === "managed"
    ? ownNetwork("data", settings)
    : { role: "data", name: mongo.network, key: "mongo.network", own: false };
}

/** What it is called where no setting says otherwise. */
export const standardMongoName = ({ prefix }: Pick<PlainSettings, "prefix">): string =>
  `${prefix}mongodb-shared`;

export const mongo: Kind = {
  standardName: standardMongoName,
  partOf: (settings) => {
    const { mongo } = settings;
    const part: Part = {
      role: "mongo",
      images: [{ key: "mongo.image", name: mongo.image, mebibytes: 1536 }],
      networks: [mongoNetwork(settings)],
      directories: [],
    };
    return mongo.mode === "managed" ? { ...part, ...ownMongo(settings, mongo) } : part;
  },
};

function ownMongo(settings: PlainSettings, mongo: ManagedMongo) {
  const secrets = mongoSecrets(mongo);
  return {
    container: {
      name: mongo.hostname,
      key: "mongo.hostname",
      image: mongo.image,
      networks: [mongoNetwork(settings).name],
      mounts: [
        { source: mongo.dataDirectory, target: "/data/db", readOnly: false },
        { source: `${secrets}/keyfile`, target: "/etc/mongod/keyfile", readOnly: true },
      ],
      ports: [],
    },
    directories: [
      { role: "mongo", path: mongo.dataDirectory, key: "mongo.dataDirectory", holds: "data", made: true },
      { role: "mongo-secrets", path: secrets, holds: "secrets", made: true },
    ],
    home: {
      key: "mongo.directory",
      path: mongo.directory,
      proofIn: secrets,
      proof: isGeneration,
      proofText: `${secrets}/*.generation`,
      early: () => false,
      room: { path: mongo.dataDirectory, first: 512, later: 256, reason: "MongoDB's files and journal" },
    },
  } satisfies Partial<Part>;
}
