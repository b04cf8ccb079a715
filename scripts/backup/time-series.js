// Names the time series of the workspace's database. mongodump reads them from MongoDB's own collections, which the workspace's user may
// not; and no restore could give them their names. Runs in mongosh, without a server of its own.
//   MONGO REPLICA_SET DATABASE DATABASE_USER   as the backup's container has them
//   NAMES            file that is written: each name, ended by a zero
//   standard input: the user's password
/* global Mongo, require */
const fs = require("fs");
const { DATABASE, DATABASE_USER, MONGO, NAMES, REPLICA_SET } = process.env;
const password = encodeURIComponent(fs.readFileSync(0, "utf8"));
const database = new Mongo(
  `mongodb://${DATABASE_USER}:${password}@${MONGO}:27017/${DATABASE}` +
    `?replicaSet=${REPLICA_SET}&authSource=${DATABASE}&serverSelectionTimeoutMS=30000`,
).getDB(DATABASE);
const found = database.getCollectionInfos({ type: "timeseries" });
fs.writeFileSync(NAMES, found.map(({ name }) => `${name}\0`).join(""));
