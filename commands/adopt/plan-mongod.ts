import type { DatabaseFacts, Facts } from "./facts";
import { mountOf } from "./mounts";
import type { Plan } from "./plan";
import { planOption } from "./plan-option";

export function dataPathOf({ options }: DatabaseFacts): string {
  return (options["storage"] as { dbPath?: string } | undefined)?.dbPath ?? "/data/db";
}

/** How data come into files that any mongod opens. */
export function moveByDump(chat: string, mongo: string, how: string): string {
  return (
    `on the server: docker stop ${chat}, docker exec ${mongo} mongodump --archive --gzip > all.gz (with --username and --authenticationDatabase where it asks for a login), ` +
    `start another MongoDB ${how} on an empty directory of the host, bring them in with docker exec -i NEW mongorestore --archive --gzip < all.gz, ` +
    `start ${chat} with it in MONGO_URL, and run this command again with --mongodb NEW`
  );
}

/** Options of mongod that a setting expresses or that change nothing, as getCmdLineOpts spells them. */
const understood = [
  /^config$/,
  /^net\.(bindIp|bindIpAll|ipv6|port|maxIncomingConnections|compression\.compressors)$/,
  /^net\.unixDomainSocket\./,
  /^processManagement\./,
  /^replication\.(replSet|replSetName|oplogSizeMB|enableMajorityReadConcern)$/,
  /^security\.(keyFile|authorization)$/,
  /^setParameter\.(enableLocalhostAuthBypass|diagnosticDataCollectionEnabled)$/,
  /^storage\.(dbPath|engine|syncPeriodSecs|wiredTiger\.engineConfig\.cacheSizeGB|journal\..*)$/,
  // Each file says itself how it is compressed.
  /^storage\.wiredTiger\.(collectionConfig\.blockCompressor|indexConfig\.prefixCompression)$/,
  /^storage\.wiredTiger\.engineConfig\.(journalCompressor|zstdCompressionLevel)$/,
  /^systemLog\./,
];

/** What an option is that nobody set. */
const usual: Record<string, unknown> = {
  "storage.directoryPerDB": false,
  "storage.wiredTiger.engineConfig.directoryForIndexes": false,
  "security.enableEncryption": false,
  "security.javascriptEnabled": true,
  "operationProfiling.mode": "off",
  "net.tls.mode": "disabled",
  "net.ssl.mode": "disabled",
};

/** With these the data files are others: a mongod without them cannot open them. */
const inTheFiles = [
  /^storage\.directoryPerDB$/,
  /^storage\.groupCollections$/,
  /^storage\.wiredTiger\.engineConfig\.directoryForIndexes$/,
  /^storage\.(inMemory|mmapv1|rocksdb)\./,
  /^storage\.(smallFiles|nsSize|preallocDataFiles|queryableBackupMode)$/,
  /^security\.(enableEncryption|encryption.*|kmip\..*|vault\..*|redactClientLogData\.key)$/,
  /^sharding\.clusterRole$/,
];

export function planMongod(plan: Plan, { chat, mongo, database }: Facts): void {
  for (const [name, value] of flat(database.options)) {
    const isForeign =
      (name === "storage.engine" && value !== "wiredTiger") || inTheFiles.some((one) => one.test(name));
    if (name in usual && usual[name] === value) continue;
    if (isForeign)
      plan.refuse(
        undefined,
        `mongod's ${name}`,
        "the data files are made with it: the new mongod, which has no such option, cannot open them",
        moveByDump(chat.name, mongo.name, "without it"),
      );
    else if ((name === "net.port" && value !== 27017) || !understood.some((pattern) => pattern.test(name)))
      plan.refuse(
        `mongod:${name}`,
        `mongod's ${name}`,
        "no setting expresses it",
        `start ${mongo.name} without it, see whether you miss it, and run this command again`,
      );
  }
  planVariables(plan, mongo.name, mongo.ownEnv);
  planMounts(plan, { mongo, database });
  for (const { container, protocol, host } of mongo.ports)
    plan.refuse(
      `port:${container}`,
      `port ${container}/${protocol} of ${mongo.name}, published on ${host}`,
      "MongoDB has no address on the host from now on",
      "see who else uses it; Rocket.Chat does not need it any more",
    );
  for (const option of mongo.special) planOption(plan, option, mongo.name, true);
}

function planVariables(plan: Plan, container: string, variables: Record<string, string>): void {
  for (const name of Object.keys(variables)) {
    const why = variableOf(name);
    if (why !== undefined) plan.dropped.push({ what: `variable ${name} of ${container}`, why });
    else
      plan.refuse(
        `variable:${name}`,
        `variable ${name} of ${container}`,
        "no setting expresses it",
        `start ${container} without it, see whether you miss it, and run this command again`,
      );
  }
}

function variableOf(name: string): string | undefined {
  if (name.startsWith("MONGO_INITDB_")) return "counts on an empty data directory only";
  return /^(MONGODB_|BITNAMI_|ALLOW_EMPTY_PASSWORD$)/.test(name)
    ? "read by start scripts of its image only; what mongod itself runs with was asked of it"
    : undefined;
}

function planMounts(plan: Plan, { mongo, database }: Pick<Facts, "mongo" | "database">): void {
  const data = mountOf(mongo.mounts, dataPathOf(database));
  const key = (database.options["security"] as { keyFile?: string } | undefined)?.keyFile;
  const config = database.options["config"];
  for (const mount of mongo.mounts) {
    const { destination } = mount;
    const known =
      mount === data ||
      (key !== undefined && mount === mountOf(mongo.mounts, key)) ||
      (typeof config === "string" && mount === mountOf(mongo.mounts, config)) ||
      mount.type === "tmpfs" ||
      ["/data/configdb", "/data/db"].includes(destination) ||
      destination.startsWith("/docker-entrypoint-initdb.d");
    if (!known)
      plan.refuse(
        `mount:${destination}`,
        `mount ${mount.source} at ${destination} of ${mongo.name}`,
        "no setting expresses it",
        `see what is in it: docker exec ${mongo.name} ls -la ${destination}`,
      );
  }
}

function flat(tree: object, prefix = ""): [string, unknown][] {
  return Object.entries(tree).flatMap(([name, value]: [string, unknown]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flat(value, `${prefix}${name}.`)
      : [[prefix + name, value] as [string, unknown]],
  );
}
