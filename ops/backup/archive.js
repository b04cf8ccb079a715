// Joins what mongodump read into one archive that mongorestore takes, and says what is in it. Runs in mongosh, without a server.
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
//   RESERVE   bytes that stay free on the disk of ARCHIVE
//   FACTS     JSON of what else belongs into the manifest
//
// join ends with 10 when something is named that is not there and was not known to be missing: the caller reads again.
/* global require */
const fs = require("fs");
const path = require("path");
const crypto = require("crypto");

const { STEP, ARCHIVE, BEFORE, ROUND } = process.env;
const uploads = "rocketchat_uploads";
/** Collections whose documents have a file each; its name is the id, and the extension where there is one. */
const described = [uploads, "rocketchat_avatars"];
const magic = 0x8199e26d;
const terminator = Buffer.from([0xff, 0xff, 0xff, 0xff]);

// ---- BSON, as far as it is needed: https://bsonspec.org

const text = (buffer, at) => buffer.toString("utf8", at + 4, at + 3 + buffer.readInt32LE(at));

const sizes = { 1: 8, 6: 0, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8, 19: 16, 127: 0, 255: 0 };

function sizeOf(type, doc, at) {
  if (type in sizes) return sizes[type];
  if ([2, 13, 14].includes(type)) return 4 + doc.readInt32LE(at);
  if ([3, 4, 15].includes(type)) return doc.readInt32LE(at);
  if (type === 5) return 5 + doc.readInt32LE(at);
  if (type === 12) return 16 + doc.readInt32LE(at);
  if (type === 11) return doc.indexOf(0, doc.indexOf(0, at) + 1) + 1 - at;
  throw new Error(`archive: a document must have types that BSON knows (got type ${type})`);
}

/** The fields of a document that are asked for: name to { type, at }. */
function fieldsOf(doc, wanted, start = 0) {
  const found = {};
  const end = start + doc.readInt32LE(start) - 1;
  for (let at = start + 4; at < end;) {
    const type = doc[at];
    const zero = doc.indexOf(0, at + 1);
    const name = doc.toString("latin1", at + 1, zero);
    if (wanted === undefined || wanted.includes(name)) found[name] = { type, at: zero + 1 };
    at = zero + 1 + sizeOf(type, doc, zero + 1);
  }
  return found;
}

/** An id, also one that is no text. */
function idOf(doc, field) {
  if (field === undefined) return undefined;
  if (field.type === 2) return text(doc, field.at);
  return `${field.type}:${doc.toString("hex", field.at, field.at + sizeOf(field.type, doc, field.at))}`;
}

const numberOf = (doc, { type, at }) =>
  type === 1 ? doc.readDoubleLE(at) : type === 16 ? doc.readInt32LE(at) : Number(doc.readBigInt64LE(at));

const stringField = (name, value) => {
  const bytes = Buffer.from(`${value}\0`);
  const size = Buffer.alloc(4);
  size.writeInt32LE(bytes.length);
  return Buffer.concat([Buffer.from(`\x02${name}\0`), size, bytes]);
};

function header(db, collection, end, crc) {
  const crcBytes = Buffer.alloc(8);
  crcBytes.writeBigUInt64LE(crc);
  const body = Buffer.concat([
    stringField("db", db),
    stringField("collection", collection),
    Buffer.from(`\x08EOF\0${end ? "\x01" : "\0"}`, "latin1"),
    Buffer.from("\x12CRC\0", "latin1"),
    crcBytes,
    Buffer.from([0]),
  ]);
  const size = Buffer.alloc(4);
  size.writeInt32LE(body.length + 4);
  return Buffer.concat([size, body]);
}

/** CRC-64 of ECMA-182, reflected: what mongorestore compares each collection's bytes with. */
class Crc64 {
  constructor() {
    this.low = this.high = 0xffffffff;
    this.lows = new Uint32Array(256);
    this.highs = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
      let crc = BigInt(i);
      for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
      this.lows[i] = Number(crc & 0xffffffffn);
      this.highs[i] = Number(crc >> 32n);
    }
  }

  add(buffer) {
    let { low, high } = this;
    for (const byte of buffer) {
      const i = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ this.lows[i];
      high = (high >>> 8) ^ this.highs[i];
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  value() {
    return (BigInt(~this.high >>> 0) << 32n) | BigInt(~this.low >>> 0);
  }
}

// ---- mongodump's archive: a magic number; a header and one document a collection, ended; then blocks of a header and
// documents of one collection, each ended

class Archive {
  /** @param copyTo File descriptor that gets everything after the collections' descriptions. */
  constructor(file, copyTo) {
    this.file = file;
    // mongodump writes nothing where there is no such collection.
    this.fd = fs.openSync(fs.existsSync(file) ? file : "/dev/null", "r");
    this.buffer = Buffer.allocUnsafe(40 << 20);
    this.at = this.end = this.copied = 0;
    this.copyTo = copyTo;
    this.collections = [];
    if (!this.has(4)) return; // nothing to dump
    if (this.take(4).readUInt32LE() !== magic) throw new Error(`${file}: must be an archive of mongodump`);
    this.head = Buffer.from(this.document());
    for (let doc = this.document(); doc !== undefined; doc = this.document())
      this.collections.push(Buffer.from(doc));
    this.copied = this.at;
  }

  /** Calls `each` with collection, database and document; with no document at a collection's end. */
  blocks(each) {
    while (this.has(4)) {
      const doc = this.document();
      const { db, collection, EOF } = fieldsOf(doc);
      const [database, name, ends] = [text(doc, db.at), text(doc, collection.at), doc[EOF.at] === 1];
      for (let next = this.document(); next !== undefined; next = this.document()) each(name, database, next);
      if (ends) each(name, database, undefined);
    }
    this.flush();
    fs.closeSync(this.fd);
  }

  /** Undefined at a terminator. */
  document() {
    if (!this.has(4)) throw new Error(`${this.file}: ends in the middle`);
    const size = this.buffer.readInt32LE(this.at);
    if (size === -1) {
      this.take(4);
      return undefined;
    }
    return this.take(size);
  }

  take(size) {
    if (!this.has(size)) throw new Error(`${this.file}: ends in the middle`);
    this.at += size;
    return this.buffer.subarray(this.at - size, this.at);
  }

  has(size) {
    while (this.end - this.at < size) {
      this.flush();
      this.buffer.copyWithin(0, this.at, this.end);
      this.end -= this.at;
      this.at = this.copied = 0;
      const read = fs.readSync(this.fd, this.buffer, this.end, this.buffer.length - this.end, null);
      if (read === 0) return false;
      this.end += read;
    }
    return true;
  }

  flush() {
    if (this.copyTo !== undefined && this.at > this.copied) {
      keepReserve();
      writeAll(this.copyTo, this.buffer.subarray(this.copied, this.at));
    }
    this.copied = this.at;
  }
}

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

// ---- the two steps

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
function describe(doc) {
  const { _id, store, extension, complete } = fieldsOf(doc, ["_id", "store", "extension", "complete"]);
  const id = idOf(doc, _id);
  const ending = extension?.type === 2 ? text(doc, extension.at) : "";
  return {
    id,
    store: store?.type === 2 ? text(doc, store.at) : "",
    file: ending === "" ? id : `${id}.${ending}`,
    complete: complete?.type === 8 && doc[complete.at] === 1,
  };
}

function dump() {
  const before = new Archive(BEFORE);
  const out = fs.openSync(ARCHIVE, "w", 0o600);
  const main = new Archive(process.env.MAIN, out);
  const count = Buffer.alloc(4);
  count.writeUInt32LE(magic);
  const head = main.head ?? before.head;
  if (head === undefined) throw new Error("the database: must hold something (got no collection)");
  writeAll(out, Buffer.concat([count, head, ...main.collections, ...before.collections, terminator]));

  const counts = {};
  const named = new Set();
  const bytesOf = {}; // GridFS: file to the bytes that it must have
  const seen = {}; //    and those that there are
  const inFiles = [];
  for (const doc of main.collections) {
    const { collection, type } = fieldsOf(doc, ["collection", "type"]);
    if (type === undefined || text(doc, type.at) !== "view") counts[text(doc, collection.at)] = 0;
  }
  main.blocks((collection, _database, doc) => {
    if (doc === undefined) return;
    counts[collection] = (counts[collection] ?? 0) + 1;
    if (collection === "rocketchat_message") for (const id of namedBy(doc)) named.add(id);
    if (collection === `${uploads}.files`) {
      const { _id, length } = fieldsOf(doc, ["_id", "length"]);
      bytesOf[idOf(doc, _id)] = numberOf(doc, length);
    }
    if (collection === `${uploads}.chunks`) {
      const { files_id: of, data } = fieldsOf(doc, ["files_id", "data"]);
      seen[idOf(doc, of)] = (seen[idOf(doc, of)] ?? 0) + doc.readInt32LE(data.at);
    }
    if (described.includes(collection)) inFiles.push(describe(doc));
  });
  fs.closeSync(out);

  const server = text(head, fieldsOf(head).server_version.at);
  const whole = Object.keys(bytesOf).filter((id) => bytesOf[id] === (seen[id] ?? 0));
  const hasUploads = before.collections.length > 0;
  fs.writeFileSync(ROUND, JSON.stringify({ counts, named: [...named], whole, inFiles, server, hasUploads }));
}

function join() {
  const { FILES, MISSING, MANIFEST, AFTER, LAST, FACTS } = process.env;
  const round = JSON.parse(fs.readFileSync(ROUND, "utf8"));
  const whole = new Set(round.whole);
  const isThere = ({ store, file, id }) =>
    store.startsWith("FileSystem:")
      ? fs.existsSync(path.join(FILES, file))
      : !store.startsWith("GridFS:") || whole.has(id);

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
    const what = describe(doc);
    known.set(what.id, !what.complete || isThere(what));
    write(doc, name);
  });
  new Archive(BEFORE).blocks((_collection, name, doc) => {
    database = name;
    if (doc === undefined) return;
    const what = describe(doc);
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
    finishedAt: finishedAt.toISOString(),
    seconds: Math.round((finishedAt - new Date(facts.startedAt)) / 1000),
  };
  fs.writeFileSync(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
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
