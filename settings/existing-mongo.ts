import { workspaceName } from "../inventory/rocketchat";
import { readsOplog } from "./rocketchat-versions";
import { supportedMongo } from "./cross-checks/versions";
import type { ExistingMongo } from "./mongo";
import type { PlainSettings } from "./schema";

/** What `scripts/mongo/check-existing.js` asks for; not secret. */
export function existingMongoCheck(settings: PlainSettings, mongo: ExistingMongo) {
  const { bypassMongoValidation, version } = settings.rocketchat;
  return {
    ADMIN: mongo.admin,
    DATABASE: mongo.database,
    DATABASE_USER: mongo.user,
    HOSTNAME: mongo.hostname,
    // Not NETWORK: that one is the step's own.
    ON_NETWORK: mongo.network,
    READS_OPLOG: String(readsOplog(version)),
    REPLICA_SET: mongo.replicaSet,
    ROCKETCHAT: version,
    SUPPORTED: bypassMongoValidation ? "" : supportedMongo(version).join(" "),
    WORKSPACE: workspaceName(settings),
  };
}
