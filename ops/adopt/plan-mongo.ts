import { ByteSize } from "../../settings/units";
import { isLabel } from "../../settings/names";
import type { ContainerFacts, DatabaseFacts, Facts } from "./facts";
import { namesOf } from "./inspect";
import type { Plan, PlanOptions } from "./plan";
import { keptImage } from "./kept-image";
import { hostPath, mountOf, moveOf } from "./mounts";

const MIB = 1024 ** 2;

export function planMongo(plan: Plan, facts: Facts, options: PlanOptions): void {
  const { mongo, database } = facts;
  planVersion(plan, mongo, database);
  planSet(plan, mongo, database, options);
  planData(plan, mongo, database, options);
  planSizes(plan, mongo, database);
  planOptions(plan, mongo, database);
  planUsers(plan, database);
  planOthers(plan, facts);
}

function planVersion(plan: Plan, mongo: ContainerFacts, { version, compatibility }: DatabaseFacts): void {
  plan.set("mongo.version", version, `mongod in the container ${mongo.name}`);
  const image = keptImage(mongo.image, version, (repository) => /(^|\/)mongo$/.test(repository));
  plan.set("mongo.image", image, `from the container ${mongo.name}`);
  const then = image ?? `mongo:${version}`;
  if (then === mongo.image)
    plan.kept.push(`MongoDB ${version}, image ${then}, with the data format of ${compatibility}`);
  else
    plan.changes.push({
      what: "MongoDB's image",
      now: mongo.image,
      then,
      why: `the same version by an exact name; the data format stays that of ${compatibility}`,
    });
}

/** A name that clients in another container can resolve, and that is not one container's own number. */
function isLasting(host: string, mongo: ContainerFacts): boolean {
  return isLabel(host) && host !== "localhost" && !mongo.id.startsWith(host) && namesOf(mongo).includes(host);
}

function planSet(plan: Plan, mongo: ContainerFacts, { set }: DatabaseFacts, { prefix }: PlanOptions): void {
  const standard = `${prefix}mongodb-shared`;
  if (set === undefined) {
    plan.set("mongo.replicaSet", "rs0", "our choice: there was no replica set");
    plan.set("mongo.hostname", undefined, "the default");
    plan.changes.push({
      what: "replica set",
      now: "none",
      then: `rs0 with the member ${standard}:27017`,
      why: "Rocket.Chat needs transactions, which MongoDB has on a replica set only; the data stay as they are",
    });
    return;
  }
  plan.set("mongo.replicaSet", set.name, `the replica set in ${mongo.name}`);
  const [member = "", ...others] = set.members;
  if (others.length > 0)
    plan.refuse(
      undefined,
      `replica set ${set.name} with ${set.members.length} members`,
      "this program runs a set of one",
      "remove the other members first: rs.remove(…)",
    );
  const [host = "", port] = member.split(":");
  if (port === "27017" && isLasting(host, mongo)) {
    plan.set("mongo.hostname", host, `the member of ${set.name}`);
    plan.kept.push(`the replica set ${set.name} with its member ${member}`);
    return;
  }
  plan.set("mongo.hostname", undefined, "the default");
  plan.changes.push({
    what: `member of ${set.name}`,
    now: member,
    then: `${standard}:27017`,
    why: "every client must find it under this name; the hand-over gives it, and the way back takes it away",
  });
}

function planData(
  plan: Plan,
  mongo: ContainerFacts,
  { options: run }: DatabaseFacts,
  options: PlanOptions,
): void {
  const path = (run["storage"] as { dbPath?: string } | undefined)?.dbPath ?? "/data/db";
  const mount = mountOf(mongo.mounts, path);
  const standard = `${options.mongoDirectory}/data`;
  if (mount?.type !== "bind") {
    const where =
      mount === undefined ? "the container's own file system" : `the volume ${mount.volume ?? "?"}`;
    return plan.refuse(
      undefined,
      `the database in ${where}`,
      "this program keeps data in directories of the host; a volume that no container uses is removed by docker volume prune",
      moveOf(standard, path, mongo.name),
    );
  }
  const found = hostPath(mount, path);
  plan.kept.push(`the database in ${found}, used where it is`);
  plan.set(
    "mongo.dataDirectory",
    found === standard ? undefined : found,
    `the mount of ${path}, ${mongo.name}`,
  );
  if (`${options.mongoDirectory}/`.startsWith(`${found}/`))
    plan.set(
      "mongo.directory",
      `${options.mongoDirectory}-stack`,
      "our choice: the secrets lie apart from the data",
    );
  if (found === `${options.directory}/data`)
    plan.set(
      "rocketchat.dataDirectory",
      `${options.directory}/files`,
      "our choice: MongoDB's data lie in the usual place",
    );
}

function planSizes(plan: Plan, mongo: ContainerFacts, { oplogMib, options: run }: DatabaseFacts): void {
  if (oplogMib !== undefined && oplogMib > 1024) {
    plan.set("mongo.oplogSize", `${Math.min(oplogMib, 50 * 1024)} MiB`, `the oplog in ${mongo.name}`);
    plan.kept.push(`an oplog of ${oplogMib} MiB`);
  } else {
    plan.changes.push({
      what: "oplog",
      now: oplogMib === undefined ? "none" : `${oplogMib} MiB`,
      then: "1024 MiB",
      why: "mongo.oplogSize; a larger one is taken over, a smaller one grows",
    });
  }
  const wired = (run["storage"] as { wiredTiger?: { engineConfig?: { cacheSizeGB?: number } } } | undefined)
    ?.wiredTiger;
  const cache = Math.round((wired?.engineConfig?.cacheSizeGB ?? 0) * 1024);
  const memory = Math.max(Math.ceil(mongo.memory / MIB), 1024, cache > 0 ? cache + 512 : 0);
  if (cache > 512) plan.set("mongo.cacheSize", `${cache} MiB`, `wiredTigerCacheSizeGB of ${mongo.name}`);
  else
    plan.changes.push({
      what: "MongoDB's cache",
      now: cache === 0 ? "half of the memory it saw" : `${cache} MiB`,
      then: "512 MiB",
      why: "mongo.cacheSize; raise it with resources.mongo.memory where much is read",
    });
  if (memory > 1024) plan.set("resources.mongo.memory", `${memory} MiB`, `from ${mongo.name} and its cache`);
  else if (mongo.memory !== 1024 * MIB)
    plan.changes.push({
      what: "MongoDB's memory",
      now: mongo.memory === 0 ? "unlimited" : ByteSize.bytes(mongo.memory).toString(),
      then: "1 GiB",
      why: "every container has a limit: resources.mongo.memory",
    });
}

/** Options of mongod that a setting expresses or that change nothing, as getCmdLineOpts spells them. */
const understood = [
  /^config$/,
  /^net\.(bindIp|bindIpAll|ipv6|port)$/,
  /^net\.unixDomainSocket\./,
  /^processManagement\./,
  /^replication\.(replSet|replSetName|oplogSizeMB)$/,
  /^security\.(keyFile|authorization)$/,
  /^storage\.(dbPath|engine|wiredTiger\.engineConfig\.cacheSizeGB|journal\..*)$/,
  /^systemLog\./,
];

function planOptions(plan: Plan, mongo: ContainerFacts, { options: run }: DatabaseFacts): void {
  for (const [name, value] of flat(run)) {
    const port = name === "net.port" && value !== 27017;
    if (!port && understood.some((pattern) => pattern.test(name))) continue;
    plan.refuse(
      `mongod:${name}`,
      `mongod's ${name}`,
      "no setting expresses it",
      "start mongod without it, and see whether you miss it",
    );
  }
  for (const [name, why] of Object.entries(mongo.env).map(([key]) => [key, variableOf(key)] as const)) {
    if (why !== undefined) plan.dropped.push({ what: `variable ${name} of ${mongo.name}`, why });
    else
      plan.refuse(
        `variable:${name}`,
        `variable ${name} of ${mongo.name}`,
        "no setting expresses it",
        "start the container without it, and see whether you miss it",
      );
  }
  const data = (run["storage"] as { dbPath?: string } | undefined)?.dbPath ?? "/data/db";
  const key = (run["security"] as { keyFile?: string } | undefined)?.keyFile;
  for (const mount of mongo.mounts) {
    const { destination } = mount;
    const known =
      mount === mountOf(mongo.mounts, data) ||
      (key !== undefined && mount === mountOf(mongo.mounts, key)) ||
      mount.type === "tmpfs" ||
      ["/data/configdb", "/data/db"].includes(destination) ||
      destination.startsWith("/docker-entrypoint-initdb.d");
    if (!known)
      plan.refuse(
        `mount:${destination}`,
        `mount ${mount.source} at ${destination} of ${mongo.name}`,
        "no setting expresses it",
        "see what is in it",
      );
  }
  for (const { container, protocol, host } of mongo.ports)
    plan.refuse(
      `port:${container}`,
      `port ${container}/${protocol} of ${mongo.name}, published on ${host}`,
      "MongoDB has no address on the host from now on",
      "see who uses it; Rocket.Chat does not need it",
    );
  for (const option of mongo.special)
    plan.refuse(
      `option:${option}`,
      `${option} of ${mongo.name}`,
      "the new container has no such option",
      "see what it is for (docker inspect)",
    );
}

function variableOf(name: string): string | undefined {
  if (name.startsWith("MONGO_INITDB_")) return "counts on an empty data directory only";
  return name === "MONGODB_ADVERTISED_HOSTNAME" ? "read by start scripts only" : undefined;
}

function flat(tree: object, prefix = ""): [string, unknown][] {
  return Object.entries(tree).flatMap(([name, value]: [string, unknown]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flat(value, `${prefix}${name}.`)
      : [[prefix + name, value] as [string, unknown]],
  );
}

function planUsers(plan: Plan, database: DatabaseFacts): void {
  const root = database.users.find(({ user, db }) => user === "root" && db === "admin");
  if (root !== undefined && database.administrator?.user !== "root")
    plan.refuse(
      undefined,
      "MongoDB's user root, whose password is not known here",
      "this program logs in as root, and changes nobody's password",
      "give root and its password when you are asked for the administrator, or drop that user",
    );
  if (!database.auth) {
    plan.changes.push({
      what: "MongoDB's login",
      now: "anybody who reaches it may do anything",
      then: "every client logs in",
      why: "a key file and users; Rocket.Chat gets its own",
    });
    plan.notices.push("programs of yours that use this MongoDB without a login are refused from now on");
  }
  if (database.keyfile !== undefined) {
    if (/^[A-Za-z0-9+/=]{6,1024}$/.test(database.keyfile)) plan.secrets.keyfile = database.keyfile;
    plan.kept.push("the key file of the set");
  }
  if (database.users.some(({ user, db }) => user === "monitor" && db === "admin"))
    plan.changes.push({
      what: "MongoDB's user monitor",
      now: "yours",
      then: "this program's, with a password and roles of its own",
      why: "it needs that name; give your monitoring the password in mongo.directory/secrets/monitor-password",
    });
  const others = database.users.filter(({ user }) => user !== "root" && user !== "monitor");
  if (others.length > 0)
    plan.kept.push(`MongoDB's users ${others.map(({ user, db }) => `${user} (${db})`).join(", ")}`);
}

function planOthers(plan: Plan, { database }: Facts): void {
  const own = plan.settings.find(({ key }) => key === "mongo.database")?.value;
  for (const { name, bytes } of database.databases) {
    if (["admin", "config", "local", own].includes(name)) continue;
    plan.refuse(
      `database:${name}`,
      `the database ${name} (${ByteSize.bytes(Math.ceil(bytes / MIB) * MIB).toString()}) on the same MongoDB`,
      "it is shared: its users lose their connection, and need a login and the network of this stack",
      "see whose it is",
    );
  }
}
