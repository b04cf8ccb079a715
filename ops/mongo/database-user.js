// Makes one application's user in its own database. Runs in mongosh as root; a repeat corrects roles and password.
//   DATABASE, DATABASE_USER, READS_OPLOG (true|false)
//   standard input: {"rootPassword","password"}
/* global Mongo, print, require */
const { rootPassword, password } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { DATABASE, DATABASE_USER, READS_OPLOG } = process.env;

const connection = new Mongo(
  "mongodb://127.0.0.1:27017/?directConnection=true&serverSelectionTimeoutMS=30000",
);
connection.getDB("admin").auth("root", rootPassword);

const database = connection.getDB(DATABASE);
const wanted = {
  pwd: password,
  roles: [
    { role: "readWrite", db: DATABASE },
    ...(READS_OPLOG === "true" ? [{ role: "read", db: "local" }] : []),
  ],
};
try {
  if (!database.getUser(DATABASE_USER)) database.createUser({ user: DATABASE_USER, ...wanted });
} catch (error) {
  // The script of a deployment that was killed goes on in the container for a moment, beside the next one.
  if (error.code !== 51003) throw error;
}
database.updateUser(DATABASE_USER, wanted);
print(`${DATABASE_USER} may read and write ${DATABASE}`);
