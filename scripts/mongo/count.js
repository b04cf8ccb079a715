// Counts the documents of every collection but MongoDB's own. Runs in mongosh, answers one line of JSON.
//   standard input: {} or {"user","password","authSource"}
/* global print, require, serverAt */
const login = JSON.parse(require("fs").readFileSync(0, "utf8"));
const connection = serverAt("mongodb://127.0.0.1:27017/?directConnection=true");
if (login.user !== undefined) connection.getDB(login.authSource).auth(login.user, login.password);

const counts = {};
for (const { name } of connection.getDB("admin").adminCommand({ listDatabases: 1 }).databases) {
  if (["admin", "config", "local"].includes(name)) continue;
  const database = connection.getDB(name);
  for (const collection of database.getCollectionInfos({ type: "collection" })) {
    if (collection.name.startsWith("system.")) continue;
    counts[`${name}.${collection.name}`] = Number(database.getCollection(collection.name).countDocuments({}));
  }
}
print(JSON.stringify(counts));
