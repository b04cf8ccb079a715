// Makes one application's user in its own database, with a role of that database, marked with the workspace it is for. Runs in mongosh; a repeat corrects
// roles and password.
//   ADDRESS, ADMIN      the server, and its user that may make users
//   DATABASE, DATABASE_USER, READS_OPLOG (true|false), WORKSPACE
//   UNMARKED_IS_OURS    true: a user without a mark is the workspace's, from before there were marks
//   standard input: {"adminPassword","password"}
/* global print, require, serverAt */
const { adminPassword, password } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { ADDRESS, ADMIN, DATABASE, DATABASE_USER, READS_OPLOG, UNMARKED_IS_OURS, WORKSPACE } = process.env;

const connection = serverAt(`mongodb://${ADDRESS}`);
connection.getDB("admin").auth(ADMIN, adminPassword);

const database = connection.getDB(DATABASE);
const present = database.getUser(DATABASE_USER);
const owner = present?.customData?.rocketchatWorkspace;
if (present && owner !== WORKSPACE && !(owner === undefined && UNMARKED_IS_OURS === "true")) {
  throw new Error(
    `mongo.user: must be new in ${DATABASE}, or of the workspace ${WORKSPACE} (got ${DATABASE_USER} of ${owner ?? "nobody we know"}); choose another mongo.database`,
  );
}
// What a restore needs beside readWrite: documents may be older than their collection's validator.
const restoring = {
  role: "restoring",
  privileges: [{ resource: { db: DATABASE, collection: "" }, actions: ["bypassDocumentValidation"] }],
  roles: [],
};
const roleExists = 51002;
try {
  database.createRole(restoring);
} catch (error) {
  if (error.code !== roleExists) throw error;
}
const wanted = {
  pwd: password,
  customData: { ...present?.customData, rocketchatWorkspace: WORKSPACE },
  roles: [
    { role: "readWrite", db: DATABASE },
    { role: restoring.role, db: DATABASE },
    ...(READS_OPLOG === "true" ? [{ role: "read", db: "local" }] : []),
  ],
};
try {
  if (!present) database.createUser({ user: DATABASE_USER, ...wanted });
} catch (error) {
  // The script of a deployment that was killed goes on in the container for a moment, beside the next one.
  if (error.code !== 51003) throw error;
}
database.updateUser(DATABASE_USER, wanted);
print(`${DATABASE_USER} may read and write ${DATABASE}`);
