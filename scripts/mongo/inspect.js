// Reads what a MongoDB that was started by hand is and holds; changes nothing. Runs in mongosh, answers one line of JSON.
//   DATABASE  Rocket.Chat's
//   SETTINGS  JSON list of the ids of its settings that are told with their values
//   standard input: {} or {"user","password","authSource"}
/* global print, require, serverAt */
const login = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { DATABASE, SETTINGS } = process.env;

const connection = serverAt("mongodb://127.0.0.1:27017/?directConnection=true", 10);
const admin = connection.getDB("admin");
const answer = (value) => print(JSON.stringify(value));

/** What went wrong, undefined when nothing did. */
const denied = (attempt) => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (["Unauthorized", "AuthenticationFailed", "UserNotFound"].includes(error.codeName))
      return error.codeName;
    throw error;
  }
};

const list = () => admin.adminCommand({ listDatabases: 1 });
const auth = denied(list) !== undefined;
const refused =
  login.user === undefined
    ? undefined
    : denied(() => connection.getDB(login.authSource).auth(login.user, login.password));
const isRoot = () =>
  admin
    .runCommand({ connectionStatus: 1 })
    .authInfo.authenticatedUserRoles.some(({ role, db }) => role === "root" && db === "admin");

function facts() {
  const hello = admin.hello();
  const local = connection.getDB("local");
  const config = hello.setName === undefined ? undefined : local.getCollection("system.replset").findOne();
  const { databases } = list();
  return {
    auth,
    version: admin.runCommand({ buildInfo: 1 }).version,
    compatibility: admin.adminCommand({ getParameter: 1, featureCompatibilityVersion: 1 })
      .featureCompatibilityVersion.version,
    options: admin.adminCommand({ getCmdLineOpts: 1 }).parsed,
    ...(config ? { set: { name: config._id, members: config.members.map(({ host }) => host) } } : {}),
    ...(config
      ? { oplogMib: Math.round(Number(local.getCollection("oplog.rs").stats().maxSize) / 2 ** 20) }
      : {}),
    databases: databases.map(({ name, sizeOnDisk }) => ({ name, bytes: Number(sizeOnDisk) })),
    users: admin
      .getCollection("system.users")
      .find()
      .toArray()
      .map(({ user, db, roles }) => ({ user, db, roles: roles.map(({ role }) => role) })),
    chat: chat(connection.getDB(DATABASE)),
  };
}

function chat(database) {
  const found = database
    .getCollection("rocketchat_settings")
    .find({ _id: { $in: JSON.parse(SETTINGS) } }, { value: 1, valueSource: 1, processEnvValue: 1 })
    .toArray();
  // A 64-bit number is an object here.
  const plain = (value) => (typeof value === "object" && value !== null ? Number(value) : value);
  const settings = found.map(({ _id, ...fields }) => ({
    id: _id,
    fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)])),
  }));
  const stores = {};
  for (const name of ["rocketchat_uploads", "rocketchat_avatars", "rocketchat_user_data_files"]) {
    const groups = database
      .getCollection(name)
      .aggregate([
        { $match: { store: { $type: "string" } } },
        { $group: { _id: { $arrayElemAt: [{ $split: ["$store", ":"] }, 0] }, count: { $sum: 1 } } },
      ]);
    for (const { _id, count } of groups.toArray()) stores[_id] = (stores[_id] ?? 0) + Number(count);
  }
  return {
    settings,
    settingIds: database.getCollection("rocketchat_settings").distinct("_id"),
    admins: database
      .getCollection("users")
      .find({ roles: "admin", type: { $ne: "bot" } }, { username: 1, name: 1 })
      .sort({ createdAt: 1 })
      .toArray()
      .map(({ username, name }) => ({ username, name })),
    stores,
    emoji: Number(database.getCollection("rocketchat_custom_emoji").countDocuments()),
    sounds: Number(database.getCollection("rocketchat_custom_sounds").countDocuments()),
  };
}

if (refused !== undefined) answer({ login: "refused" });
else if (auth && login.user === undefined) answer({ login: "needed" });
else if (auth && !isRoot()) answer({ login: "not root" });
else answer({ login: login.user === undefined ? "none" : isRoot() ? "root" : "user", ...facts() });
