// Joins what mongodump read into one archive that mongorestore takes, and says what is in it. A module for mongosh's Node, without a server.
//
// mongodump reads one collection after the other, so a message may name an upload that was made, or removed, between the two
// reads. So the uploads' descriptions are read twice, before and after everything else, and both go into the archive: what was
// there before and has its file, and what is there after.
//
//   STEP      dump: reads MAIN (mongodump's archive of all collections but UPLOADS) and writes ARCHIVE, without its end
//             join: appends the uploads' descriptions to ARCHIVE, and writes MANIFEST unless another round is needed
//   BEFORE    archive of the uploads' descriptions, read before MAIN
//   AFTER     the same, read after it (join)
//   FILES     directory with every file that was seen before or after (join)
//   ROUND     what `dump` hands to `join`
//   MISSING   ids that were named and not there in an earlier round or run, one a line; join rewrites it
//   LAST      when set, join asks for no other round
//   NOT_DUMPED   file with the names of time series, each ended by a zero, which are not in MAIN. @default none
//   RESERVE   bytes that stay free on the disk of ARCHIVE
//   FACTS     JSON of what else belongs into the manifest
//
// join ends with 10 when something is named that is not there and was not known to be missing: the caller reads again.
/* global require, __dirname */
const fs = require("fs");
const path = require("path");
const crypto = require("crypto");
const { fieldsOf, idOf, numberOf, text } = require(path.join(__dirname, "bson.js"));
const { Archive, Crc64, header, magic, terminator } = require(path.join(__dirname, "mongodump-archive.js"));

const { STEP, ARCHIVE, BEFORE, ROUND } = process.env;
const uploads = "rocketchat_uploads";
/** Collections whose documents have a file each; its name is the id, and the extension where there is one. */
const described = [uploads, "rocketchat_avatars"];

function writeAll(fd, buffer) {
  for (let at = 0; at < buffer.length;) at += fs.writeSync(fd, buffer, at);
}

let looked = 0;
/** Chat writes to this disk as well. */
function keepReserve() {
  if (Date.now() - looked < 200) return;
  looked = Date.now();
  const { bavail, bsize } = fs.statfsSync(path.dirname(ARCHIVE));
  if (bavail * bsize >= Number(process.env.RESERVE)) return;
  throw new Error(
    `room for the dump: ${Math.round(Number(process.env.RESERVE) / 2 ** 20)} MiB must stay free on the disk of the uploads (got ${Math.round((bavail * bsize) / 2 ** 20)} MiB); make room`,
  );
}

const marks = [Buffer.from("\x03file\0"), Buffer.from("\x04files\0")];

/** Ids of the files that a message names. */
function namedBy(message) {
  if (!marks.some((mark) => message.includes(mark))) return [];
  const { file, files } = fieldsOf(message, ["file", "files"]);
  const inside = (at) => idOf(message, fieldsOf(message, ["_id"], at)._id);
  const list = files?.type === 4 ? Object.values(fieldsOf(message, undefined, files.at)) : [];
  return [...(file?.type === 3 ? [file] : []), ...list.filter(({ type }) => type === 3)]
    .map(({ at }) => inside(at))
    .filter((id) => id !== undefined);
}

/** A description: what says where its bytes are. */
function describe(bucket, doc) {
  const { _id, store, extension, complete } = fieldsOf(doc, ["_id", "store", "extension", "complete"]);
  const id = idOf(doc, _id);
  const ending = extension?.type === 2 ? text(doc, extension.at) : "";
  return {
    id,
    bucket,
    store: store?.type === 2 ? text(doc, store.at) : "",
    file: ending === "" ? id : `${id}.${ending}`,
    complete: complete?.type === 8 && doc[complete.at] === 1,
  };
}

function dump() {
  const before = new Archive(BEFORE);
  const out = fs.openSync(ARCHIVE, "w", 0o600);
  const main = new Archive(process.env.MAIN, (bytes) => {
    keepReserve();
    writeAll(out, bytes);
  });
  const head = main.head ?? before.head;
  if (head === undefined) throw new Error("the database: must hold something (got no collection)");
  writeAll(out, Buffer.concat([magic, head, ...main.collections, ...before.collections, terminator]));

  const counts = {};
  const named = new Set();
  const bytesOf = {}; // GridFS: bucket and file to the bytes that it must have
  const seen = {}; //    and those that there are
  const inFiles = [];
  const leftOut = notDumped();
  for (const doc of main.collections) {
    const { collection, type } = fieldsOf(doc, ["collection", "type"]);
    const name = text(doc, collection.at);
    const kind = type === undefined ? "collection" : text(doc, type.at);
    if (kind === "collection") counts[name] = 0;
    if (kind === "timeseries" || name.startsWith("system.")) leftOut.push(name);
  }
  main.blocks((collection, _database, doc) => {
    if (doc === undefined) return;
    counts[collection] = (counts[collection] ?? 0) + 1;
    if (collection === "rocketchat_message") for (const id of namedBy(doc)) named.add(id);
    const [bucket, part] = collection.split(".");
    if (described.includes(bucket) && part === "files") {
      const { _id, length } = fieldsOf(doc, ["_id", "length"]);
      bytesOf[`${bucket} ${idOf(doc, _id)}`] = numberOf(doc, length);
    }
    if (described.includes(bucket) && part === "chunks") {
      const { files_id: of, data } = fieldsOf(doc, ["files_id", "data"]);
      const file = `${bucket} ${idOf(doc, of)}`;
      seen[file] = (seen[file] ?? 0) + doc.readInt32LE(data.at);
    }
    if (described.includes(collection)) inFiles.push(describe(collection, doc));
  });
  fs.closeSync(out);

  const server = text(head, fieldsOf(head).server_version.at);
  const whole = Object.keys(bytesOf).filter((file) => bytesOf[file] === (seen[file] ?? 0));
  const hasUploads = before.collections.length > 0;
  fs.writeFileSync(
    ROUND,
    JSON.stringify({ counts, named: [...named], whole, inFiles, server, hasUploads, leftOut }),
  );
}

function notDumped() {
  const { NOT_DUMPED } = process.env;
  return NOT_DUMPED === undefined ? [] : fs.readFileSync(NOT_DUMPED, "utf8").split("\0").filter(Boolean);
}

function join() {
  const { FILES, MISSING, MANIFEST, AFTER, LAST, FACTS } = process.env;
  const round = JSON.parse(fs.readFileSync(ROUND, "utf8"));
  const whole = new Set(round.whole);
  const isThere = ({ bucket, store, file, id }) =>
    store.startsWith("FileSystem:")
      ? fs.existsSync(path.join(FILES, file))
      : !store.startsWith("GridFS:") || whole.has(`${bucket} ${id}`);

  const out = fs.openSync(ARCHIVE, "a");
  const crc = new Crc64();
  const known = new Map(); // id to whether its bytes are there
  let database;
  let count = 0;
  const write = (doc, name) => {
    if (count++ === 0) writeAll(out, header(name, uploads, false, 0n));
    crc.add(doc);
    writeAll(out, doc);
  };
  const after = new Archive(AFTER);
  after.blocks((_collection, name, doc) => {
    database = name;
    if (doc === undefined) return;
    const what = describe(uploads, doc);
    known.set(what.id, !what.complete || isThere(what));
    write(doc, name);
  });
  new Archive(BEFORE).blocks((_collection, name, doc) => {
    database = name;
    if (doc === undefined) return;
    const what = describe(uploads, doc);
    if (known.has(what.id) || !what.complete || !isThere(what)) return;
    known.set(what.id, true);
    write(doc, name);
  });
  if (round.hasUploads) {
    if (count > 0) writeAll(out, terminator);
    writeAll(out, Buffer.concat([header(database, uploads, true, crc.value()), terminator]));
    round.counts[uploads] = count;
  }
  fs.fsyncSync(out);
  fs.closeSync(out);

  const missing = new Set([
    ...round.named.filter((id) => known.get(id) !== true),
    ...[...known].filter(([, there]) => !there).map(([id]) => id),
    ...round.inFiles.filter((what) => what.complete && !isThere(what)).map(({ id }) => id),
  ]);
  const old = fs.existsSync(MISSING) ? fs.readFileSync(MISSING, "utf8").split("\n") : [];
  const fresh = [...missing].filter((id) => !old.includes(id));
  // The collection came into being meanwhile: the archive's list of collections does not have it.
  const appeared = !round.hasUploads && count > 0;
  const again = (fresh.length > 0 || appeared) && LAST === undefined;
  fs.writeFileSync(
    MISSING,
    [...new Set([...(again ? old : []), ...missing])]
      .filter(Boolean)
      .map((id) => `${id}\n`)
      .join(""),
  );
  if (again) process.exit(10);
  if (appeared)
    throw new Error("rocketchat_uploads: must be there from the beginning (got it later, every time)");

  verify(round.counts);
  const facts = JSON.parse(FACTS);
  const finishedAt = new Date();
  const manifest = {
    format: 1,
    application: "rocketchat",
    ...facts,
    mongodbVersion: round.server,
    collections: round.counts,
    uploads: measure(FILES),
    dump: { bytes: fs.statSync(ARCHIVE).size, sha256: sha256(ARCHIVE) },
    ...(missing.size > 0 && { missing: [...missing].sort() }),
    // What no restore brings back.
    ...(round.leftOut?.length > 0 && { leftOut: round.leftOut.sort() }),
    finishedAt: finishedAt.toISOString(),
    seconds: Math.round((finishedAt - new Date(facts.startedAt)) / 1000),
  };
  fs.writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
}

/** Reads the archive as it will be restored: a fault in it would else be found when it is needed. */
function verify(counts) {
  const found = {};
  try {
    new Archive(ARCHIVE).blocks((collection, _database, doc) => {
      if (doc !== undefined) found[collection] = (found[collection] ?? 0) + 1;
    });
  } catch (error) {
    throw new Error(`the dump: must be an archive that can be read (got ${error.message})`, { cause: error });
  }
  for (const [name, count] of Object.entries(counts)) {
    if ((found[name] ?? 0) === count) continue;
    throw new Error(
      `the dump: must hold the ${count} documents of ${name} that were read (got ${found[name] ?? 0})`,
    );
  }
}

function measure(directory) {
  const sum = { files: 0, bytes: 0 };
  for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    sum.files += 1;
    sum.bytes += fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size;
  }
  return sum;
}

function sha256(file) {
  const hash = crypto.createHash("sha256");
  const fd = fs.openSync(file, "r");
  const buffer = Buffer.allocUnsafe(8 << 20);
  for (let read; (read = fs.readSync(fd, buffer, 0, buffer.length, null)) > 0;)
    hash.update(buffer.subarray(0, read));
  fs.closeSync(fd);
  return hash.digest("hex");
}

try {
  if (STEP === "dump") dump();
  else join();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
process.exit(0);
