import { namesBesideMongo } from "../../inventory";
import { standardMongoData, standardMongoName } from "../../inventory/mongo";
import { ByteSize } from "../../settings/units";
import { supportedMongo } from "../../settings/cross-checks/versions";
import { isLabel } from "../../settings/names";
import type { ContainerFacts, DatabaseFacts, Facts } from "./facts";
import { namesOf } from "./container-facts";
import { parseMongoUrl } from "./mongo-url";
import type { Plan, PlanOptions } from "./plan";
import { isOtherBuild, keptImage, publishedMongo } from "./kept-image";
import { hostPath, mountOf, moveOf } from "./mounts";
import { dataPathOf, moveByDump, planMongod } from "./plan-mongod";

const MIB = 1024 ** 2;

export function planMongo(plan: Plan, facts: Facts, options: PlanOptions): void {
  const { mongo, database } = facts;
  planVersion(plan, facts);
  planSet(plan, facts, options);
  planData(plan, facts, options);
  planSizes(plan, mongo, database);
  planMongod(plan, facts);
  planUsers(plan, database);
  planOthers(plan, facts);
}

function planVersion(plan: Plan, { chat, mongo, database }: Facts): void {
  const { version, compatibility } = database;
  if (!/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version))
    return plan.refuse(
      undefined,
      `MongoDB ${version} of ${mongo.name}`,
      "it is no release of MongoDB's own, whose image this program runs",
      moveByDump(chat.name, mongo.name, "from the image mongo:x.y.z of the same x.y"),
    );
  refuseUnsupported(plan, chat, database);
  plan.set("mongo.version", version, `mongod in the container ${mongo.name}`);
  const image = keptImage(plan, mongo, version, publishedMongo);
  if (image === null) return;
  plan.set("mongo.image", image, `from the container ${mongo.name}`);
  const then = image ?? `mongo:${version}`;
  if (then === mongo.image)
    plan.kept.push(`MongoDB ${version}, image ${then}, with the data format of ${compatibility}`);
  else
    plan.changes.push({
      what: "MongoDB's image",
      now: mongo.image,
      then,
      why: isOtherBuild(mongo.image, publishedMongo)
        ? publishedMongo.why
        : `the same version by an exact name; the data format stays that of ${compatibility}`,
    });
}

function refuseUnsupported(plan: Plan, chat: ContainerFacts, { version }: DatabaseFacts): void {
  const rocketchat = plan.settings.find(({ key }) => key === "rocketchat.version")?.value;
  if (typeof rocketchat !== "string" || chat.env["BYPASS_MONGO_VALIDATION"] === "true") return;
  const supported = supportedMongo(rocketchat);
  const series = version.split(".").slice(0, 2).join(".");
  if (supported.includes(series)) return;
  plan.refuse(
    undefined,
    `MongoDB ${version} under Rocket.Chat ${rocketchat}`,
    `Rocket.Chat ${rocketchat} supports MongoDB ${supported.join(", ")}`,
    `upgrade MongoDB as it runs today, no major left out: start it anew as before with the next one's image, then db.adminCommand({ setFeatureCompatibilityVersion: "X.0", confirm: true }) in mongosh as its administrator, and so on to ${supported[0]}; then run this command again`,
  );
}

/** A name that clients in another container can resolve, that is not one container's own number, nor one of the stack's others. */
function isLasting(host: string, mongo: ContainerFacts, prefix: string): boolean {
  const isNumber = host === "localhost" || mongo.id.startsWith(host);
  const isTaken = namesBesideMongo({ prefix }).includes(host);
  return isLabel(host) && !isNumber && !isTaken && namesOf(mongo).includes(host);
}

function planSet(plan: Plan, { chat, mongo, database: { set } }: Facts, { prefix }: PlanOptions): void {
  const standard = standardMongoName({ prefix });
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
  if (/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(set.name))
    plan.set("mongo.replicaSet", set.name, `the replica set in ${mongo.name}`);
  else
    plan.refuse(
      undefined,
      `the replica set ${set.name}`,
      "no setting can hold this name: a letter, then letters, digits, - and _, 63 at most",
      moveByDump(chat.name, mongo.name, "with --replSet rs0"),
    );
  const [member = "", ...others] = set.members;
  if (others.length > 0)
    plan.refuse(
      undefined,
      `replica set ${set.name} with ${set.members.length} members`,
      "this program runs a set of one",
      `take the others out, in mongosh on the primary: ${others.map((other) => `rs.remove("${other}")`).join(", ")}; then run this command again`,
    );
  const [host = "", port] = member.split(":");
  if (port === "27017" && isLasting(host, mongo, prefix)) {
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

function planData(plan: Plan, { mongo, database }: Facts, options: PlanOptions): void {
  const path = dataPathOf(database);
  const mount = mountOf(mongo.mounts, path);
  if (mount?.type !== "bind") {
    const where =
      mount === undefined ? "the container's own file system" : `the volume ${mount.volume ?? "?"}`;
    return plan.refuse(
      undefined,
      `the database in ${where}`,
      "this program keeps data in directories of the host; a volume that no container uses is removed by docker volume prune",
      moveOf(standardMongoData({ directory: options.mongoDirectory }), path, mongo.name),
    );
  }
  const found = hostPath(mount, path);
  plan.kept.push(`the database in ${found}, used where it is`);
  plan.found.set("mongo.dataDirectory", found);
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

function planUsers(plan: Plan, database: DatabaseFacts): void {
  const root = database.users.find(({ user, db }) => user === "root" && db === "admin");
  if (root !== undefined && database.administrator?.user !== "root")
    plan.refuse(
      undefined,
      "MongoDB's user root, whose password is not known here",
      "this program logs in as root, and changes nobody's password",
      'give root and its password when you are asked for the administrator; or, if nobody needs it, drop it in mongosh as another administrator: db.getSiblingDB("admin").dropUser("root")',
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

function planOthers(plan: Plan, { chat, database }: Facts): void {
  const own = parseMongoUrl(chat.env["MONGO_URL"]).database;
  for (const { name, bytes } of database.databases) {
    if (["admin", "config", "local", own].includes(name)) continue;
    plan.refuse(
      `database:${name}`,
      `the database ${name} (${ByteSize.bytes(Math.ceil(bytes / MIB) * MIB).toString()}) on the same MongoDB`,
      "it is shared: its users lose their connection, and need a login and the network of this stack",
      `see whose it is, in mongosh: db.getSiblingDB(${JSON.stringify(name)}).getCollectionNames()`,
    );
  }
}
