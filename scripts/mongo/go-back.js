// Puts back what an adoption changed in MongoDB: the settings that the stack forced, and the member's name. Runs in mongosh, against
// a mongod without --replSet that nobody else reaches and that ended well before: so the member may be one that leads nowhere now.
//   DATABASE, REPLICA_SET
//   MEMBER (host:port)  empty: there was no replica set
//   standard input: [{"id","fields"}], fields as they were
/* global print, require, serverAt */
const settings = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { DATABASE, REPLICA_SET, MEMBER } = process.env;
const connection = serverAt("mongodb://127.0.0.1:27017/?directConnection=true");

const collection = connection.getDB(DATABASE).getCollection("rocketchat_settings");
for (const { id, fields } of settings) {
  const gone = ["processEnvValue", "valueSource"].filter((field) => !(field in fields));
  const unset = gone.length === 0 ? {} : { $unset: Object.fromEntries(gone.map((field) => [field, 1])) };
  collection.updateOne({ _id: id }, { $set: { ...fields, _updatedAt: new Date() }, ...unset });
}

const sets = connection.getDB("local").getCollection("system.replset");
const set = MEMBER === "" ? null : sets.findOne({ _id: REPLICA_SET });
if (set !== null && set.members[0].host !== MEMBER) {
  set.members[0].host = MEMBER;
  set.version += 1;
  sets.replaceOne({ _id: REPLICA_SET }, set);
}
print(`${settings.length} settings and the member's name are as they were`);
