// The database of a drill: a replica set of its own that nobody else reaches. Runs in mongosh, answers one line of JSON.
//   ACTION   initiate   makes the set and waits for its primary
//            canary     what the drill looks for through Rocket.Chat: the newest message of a public channel, the newest upload;
//                       gives the administrator a login token, in this copy alone
//   MEMBER (host:port), DATABASE, ADMIN (name of the administrator)
//   standard input: {"token"}
/* global print, require, serverAt, until */
const crypto = require("crypto");
const { token = "" } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { ACTION, ADMIN, DATABASE, MEMBER } = process.env;

const server = () => serverAt("mongodb://127.0.0.1:27017/?directConnection=true");

function initiate() {
  const admin = server().getDB("admin");
  admin.runCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: MEMBER }] } });
  until("the drill's MongoDB did not become primary", () => admin.hello().isWritablePrimary);
  return {};
}

function canary() {
  const database = server().getDB(DATABASE);
  const admins = database.getCollection("users").find({ roles: "admin", type: "user" }).toArray();
  const admin = admins.find(({ username }) => username === ADMIN) ?? admins[0];
  if (admin === undefined) throw new Error("the snapshot has no administrator");
  const hashedToken = crypto.createHash("sha256").update(token).digest("base64");
  database
    .getCollection("users")
    .updateOne(
      { _id: admin._id },
      { $push: { "services.resume.loginTokens": { hashedToken, when: new Date() } } },
    );
  return {
    admin: { id: admin._id, username: admin.username },
    message: newestMessage(database),
    file: newestFile(database),
  };
}

function newestMessage(database) {
  const rooms = database.getCollection("rocketchat_room").find({ t: "c" }, { _id: 1 }).toArray();
  const [message] = database
    .getCollection("rocketchat_message")
    .find({ rid: { $in: rooms.map(({ _id }) => _id) }, _hidden: { $ne: true } }, { rid: 1, msg: 1 })
    .sort({ ts: -1 })
    .limit(1)
    .toArray();
  return message ? { id: message._id, room: message.rid, text: message.msg } : null;
}

function newestFile(database) {
  const [file] = database
    .getCollection("rocketchat_uploads")
    .find({ complete: true, store: { $in: ["FileSystem:Uploads", "GridFS:Uploads"] } })
    .sort({ uploadedAt: -1 })
    .limit(1)
    .toArray();
  if (file === undefined) return null;
  const { _id, name, extension, store } = file;
  if (store.startsWith("FileSystem"))
    return { id: _id, name, onDisk: extension ? `${_id}.${extension}` : _id };
  const hash = crypto.createHash("sha256");
  const chunks = database.getCollection("rocketchat_uploads.chunks").find({ files_id: _id }).sort({ n: 1 });
  for (const { data } of chunks.toArray()) hash.update(data.buffer);
  return { id: _id, name, sha256: hash.digest("hex") };
}

const answer = { initiate, canary }[ACTION]();
print(JSON.stringify(answer));
