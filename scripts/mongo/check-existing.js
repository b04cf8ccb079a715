// Looks whether a replica set that others run is fit for a workspace, and whether its database is free or the workspace's own.
// Runs in mongosh on the set's network and changes nothing. What it finds wrong is one line with its fix, and status 1.
//   HOSTNAME, REPLICA_SET, ON_NETWORK   the set, as settings have it
//   ADMIN                               the user that may make users
//   DATABASE, DATABASE_USER, WORKSPACE  what is wanted there, and whose
//   READS_OPLOG (true|false), ROCKETCHAT, SUPPORTED   what Rocket.Chat asks for; SUPPORTED is empty when any version will do
//   standard input: {"adminPassword"}
/* global print, quit, require, serverAt */
const fs = require("fs");
const { adminPassword } = JSON.parse(fs.readFileSync(0, "utf8"));
const { ADMIN, DATABASE, DATABASE_USER, HOSTNAME, ON_NETWORK, READS_OPLOG } = process.env;
const { REPLICA_SET, ROCKETCHAT, SUPPORTED, WORKSPACE } = process.env;

const refuse = (line) => {
  fs.writeSync(2, `${line}\n`);
  quit(1);
};

/** What a member says of itself, or why it says nothing. */
const helloOf = (member) => {
  try {
    return serverAt(`mongodb://${member}/?directConnection=true`, 4).getDB("admin").hello();
  } catch (error) {
    const unknown = /ENOTFOUND|EAI_AGAIN/.test(error.message);
    return { silent: unknown ? "does not resolve" : "does not answer", reason: error.message };
  }
};

const first = helloOf(`${HOSTNAME}:27017`);
if (first.silent) {
  refuse(
    `mongo.hostname: must be a member on the network ${ON_NETWORK} (got ${HOSTNAME}, which ${first.silent} there on port 27017); change mongo.hostname, or join it: docker network connect --alias ${HOSTNAME} ${ON_NETWORK} CONTAINER`,
  );
}
if (first.setName === undefined) {
  refuse(
    `mongo.replicaSet: must be a replica set, which Rocket.Chat needs for transactions (got a server without one at ${HOSTNAME}); start it with --replSet ${REPLICA_SET} and run rs.initiate()`,
  );
}
if (first.setName !== REPLICA_SET) {
  refuse(
    `mongo.replicaSet: must be the set's own name, ${first.setName} (got ${REPLICA_SET}); set mongo.replicaSet to ${first.setName}`,
  );
}
for (const member of [...(first.hosts ?? []), ...(first.passives ?? [])]) {
  const said = helloOf(member);
  const [name] = member.split(":");
  if (said.silent) {
    refuse(
      `mongo.network: every member that the set announces must answer there (got ${member}, which ${said.silent} on ${ON_NETWORK}); join it by that name: docker network connect --alias ${name} ${ON_NETWORK} CONTAINER`,
    );
  }
  if (said.setName !== REPLICA_SET) {
    refuse(
      `mongo.network: every member that the set announces must be that server there (got ${member}, which is of ${said.setName ?? "no set"} on ${ON_NETWORK}); give the set member names that mean the same everywhere`,
    );
  }
}

const admin = (() => {
  try {
    return serverAt(`mongodb://${HOSTNAME}:27017/?replicaSet=${REPLICA_SET}`, 8).getDB("admin");
  } catch (error) {
    refuse(
      `mongo.replicaSet: must have a primary (got none in ${REPLICA_SET}: ${error.message}); look at rs.status() there`,
    );
  }
})();
try {
  admin.auth(ADMIN, adminPassword);
} catch (error) {
  refuse(
    `mongoAdminPassword: must log in as ${ADMIN} in the database admin (got ${error.codeName ?? error.message}); correct mongo.admin, or pulumi config set --secret rocketchat:mongoAdminPassword`,
  );
}

const { version } = admin.runCommand({ buildInfo: 1 });
const series = version.split(".").slice(0, 2).join(".");
if (SUPPORTED !== "" && !SUPPORTED.split(" ").includes(series)) {
  refuse(
    `mongo.hostname: must run MongoDB ${SUPPORTED.split(" ").join(" or ")} for Rocket.Chat ${ROCKETCHAT} (got ${version} at ${HOSTNAME}); upgrade it, or change rocketchat.version`,
  );
}

const { authInfo } = admin.runCommand({ connectionStatus: 1, showPrivileges: true });
const may = (action, db) =>
  authInfo.authenticatedUserPrivileges.some(
    ({ resource, actions }) =>
      actions.includes(action) &&
      (resource.anyResource || (resource.collection === "" && (resource.db === db || resource.db === ""))),
  );
const needed = [
  "createUser",
  "viewUser",
  "createRole",
  "grantRole",
  "revokeRole",
  "changePassword",
  "changeCustomData",
  "listCollections",
].map((action) => [action, DATABASE]);
if (READS_OPLOG === "true") needed.push(["grantRole", "local"]);
const lacking = needed.filter(([action, db]) => !may(action, db)).map(([action, db]) => `${action} on ${db}`);
if (lacking.length > 0) {
  refuse(
    `mongo.admin: must be allowed to make ${DATABASE_USER} (got ${ADMIN}, which lacks ${lacking.join(", ")}); grant it root, or userAdminAnyDatabase and readAnyDatabase, or change mongo.admin`,
  );
}

const database = admin.getSiblingDB(DATABASE);
const users = database.runCommand({ usersInfo: 1 }).users;
const own = users.find(({ user }) => user === DATABASE_USER);
if (own?.customData?.rocketchatWorkspace !== WORKSPACE) {
  const collections = database.runCommand({ listCollections: 1, nameOnly: true }).cursor.firstBatch;
  const owners = users.map(({ user, customData }) => {
    const workspace = customData?.rocketchatWorkspace;
    return `the user ${user}${workspace ? ` of the workspace ${workspace}` : ""}`;
  });
  const found = [
    ...owners.slice(0, 3),
    ...(collections.length > 0 ? [`${collections.length} collections such as ${collections[0].name}`] : []),
  ];
  if (found.length > 0) {
    refuse(
      `mongo.database: must be empty or this workspace's own (got ${DATABASE} with ${found.join(", ")}); choose another mongo.database`,
    );
  }
}
print(`${REPLICA_SET} at ${HOSTNAME} runs MongoDB ${version}; ${DATABASE} is free or of ${WORKSPACE}`);
