// Says what a dump holds, from the descriptions of its collections. Runs in mongosh without a server, in a container with the scripts of
// the backups; answers one line of JSON: [{"name","type","options"}], options as extended JSON.
//   ARCHIVE   absolute path of the dump
/* global print, require */
const { fieldsOf, text } = require("/backup/scripts/bson.js");
const { Archive } = require("/backup/scripts/mongodump-archive.js");

function describe(doc) {
  const { collection, metadata, type } = fieldsOf(doc, ["collection", "metadata", "type"]);
  const said = metadata === undefined ? "" : text(doc, metadata.at);
  return {
    name: text(doc, collection.at),
    type: type === undefined ? "collection" : text(doc, type.at),
    options: (said === "" ? {} : JSON.parse(said)).options ?? {},
  };
}
print(JSON.stringify(new Archive(process.env.ARCHIVE).collections.map(describe)));
