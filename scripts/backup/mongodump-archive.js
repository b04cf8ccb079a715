// The format of mongodump's archive: a magic number; a header and one document a collection, ended; then blocks of a header and
// documents of one collection, each ended. https://github.com/mongodb/mongo-tools/tree/master/common/archive
/* global module, require, __dirname */
const fs = require("fs");
const path = require("path");
const { fieldsOf, stringField, text } = require(path.join(__dirname, "bson.js"));

const magic = Buffer.from([0x6d, 0xe2, 0x99, 0x81]);
const terminator = Buffer.from([0xff, 0xff, 0xff, 0xff]);

/** What stands before a block of a collection's documents; the last one, without any, has the checksum of all. */
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

class Archive {
  /** @param copy Gets everything after the collections' descriptions, piece by piece. */
  constructor(file, copy) {
    this.file = file;
    // mongodump writes nothing where there is no such collection.
    this.fd = fs.openSync(fs.existsSync(file) ? file : "/dev/null", "r");
    this.buffer = Buffer.allocUnsafe(40 << 20);
    this.at = this.end = this.copied = 0;
    this.collections = [];
    if (!this.has(4)) return; // nothing to dump
    if (!this.take(4).equals(magic)) throw new Error(`${file}: must be an archive of mongodump`);
    this.head = Buffer.from(this.document());
    for (let doc = this.document(); doc !== undefined; doc = this.document())
      this.collections.push(Buffer.from(doc));
    this.copied = this.at;
    // From here on: a pipe gives what stands before in pieces, too.
    this.copy = copy;
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
    if (size < 5) throw new Error(`${this.file}: has no document where one must be`);
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
    if (this.copy !== undefined && this.at > this.copied)
      this.copy(this.buffer.subarray(this.copied, this.at));
    this.copied = this.at;
  }
}

module.exports = { Archive, Crc64, header, magic, terminator };
