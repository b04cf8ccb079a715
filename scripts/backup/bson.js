// BSON, as far as archive.js needs it: documents are read in place, field by field. https://bsonspec.org
/* global module */

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

module.exports = { fieldsOf, idOf, numberOf, stringField, text };
