// Users who upload and remove files without a pause, as Rocket.Chat does it: the description, the bytes, the message; and back: the
// bytes, the description, the message. And who edit messages: `msg` and `again` are one text at any moment. Runs in mongosh beside the database, with the uploads at /uploads.
//   URI    of the database, on standard input
//   SEED   messages with a file to begin with, and ten times as many without
// Prints "moving" once it is at work. Ends when /uploads/.stop is there.
/* global Mongo, print, require */
const fs = require("fs");
const connection = new Mongo(fs.readFileSync(0, "utf8").trim());
const database = connection.getDB("rocketchat");
const uploads = database.getCollection("rocketchat_uploads");
const messages = database.getCollection("rocketchat_message");
const present = [];
let last = 0;

const message = (id, file) => ({
  _id: `m${id}`,
  rid: "GENERAL",
  msg: "x".repeat(200),
  again: "x".repeat(200),
  ts: new Date(),
  u: { _id: "u", username: "u" },
  ...(file && { file, files: [file, { ...file, _id: `${file._id}t` }] }),
});
const description = (id) => ({
  _id: id,
  name: "f",
  extension: "bin",
  store: "FileSystem:Uploads",
  complete: false,
});

function add() {
  const id = `f${last++}`;
  for (const one of [id, `${id}t`]) {
    uploads.insertOne(description(one));
    fs.writeFileSync(`/uploads/${one}.bin`, one);
    uploads.updateOne({ _id: one }, { $set: { complete: true } });
  }
  messages.insertOne(message(id, { _id: id, name: "f" }));
  present.push(id);
}

function remove(at) {
  const [id] = present.splice(at, 1);
  for (const one of [id, `${id}t`]) {
    fs.unlinkSync(`/uploads/${one}.bin`);
    uploads.deleteOne({ _id: one });
  }
  messages.deleteOne({ _id: `m${id}` });
}

function edit() {
  const text = `edited ${last} ${"y".repeat(400)}`;
  const id = present[Math.floor(Math.random() * present.length)];
  messages.updateOne({ _id: `m${id}` }, { $set: { msg: text, again: text } });
}

for (let i = 0; i < Number(process.env.SEED); i++) add();
for (let i = 0; i < Number(process.env.SEED) / 100; i++)
  messages.insertMany(Array.from({ length: 1000 }, (_, n) => message(`p${i}.${n}`)));
print("moving");
while (!fs.existsSync("/uploads/.stop")) {
  add();
  edit();
  // Mostly old ones, now and then one of the last second.
  if (present.length > Number(process.env.SEED)) remove(Math.floor(Math.random() ** 12 * present.length));
}
print("stopped");
