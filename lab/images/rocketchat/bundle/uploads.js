import { createReadStream, createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GridFSBucket } from "mongodb";
import { randomId } from "./ids.js";

/** A directory that holds each file under its id. */
class FileSystemStore {
  constructor(directory) {
    this.directory = directory;
  }

  /** Returns when the bytes and the name are on the disk. */
  async write(id, source, meter) {
    await pipeline(source, meter, createWriteStream(join(this.directory, id), { flags: "wx", flush: true }));
    const directory = await open(this.directory);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  read(id) {
    return createReadStream(join(this.directory, id));
  }

  async remove(id) {
    await rm(join(this.directory, id), { force: true });
  }
}

/** Files inside the database. */
class GridFsStore {
  constructor(database) {
    this.bucket = new GridFSBucket(database, { bucketName: "rocketchat_uploads" });
  }

  async write(id, source, meter, name) {
    await pipeline(source, meter, this.bucket.openUploadStreamWithId(id, name));
  }

  read(id) {
    return this.bucket.openDownloadStream(id);
  }

  /** A stream that did not end has left no file; its chunks are nobody's. */
  async remove(id) {
    await this.bucket.delete(id).catch(() => undefined);
  }
}

/**
 * Uploaded files: what is known of them in `rocketchat_uploads`, the bytes in the store of
 * FileUpload_Storage_Type. A file stays in the store it was written to.
 */
export class Uploads {
  #files;
  #settings;
  #database;

  constructor(database, settings) {
    this.#database = database;
    this.#files = database.collection("rocketchat_uploads");
    this.#settings = settings;
  }

  #store(type) {
    if (type === "GridFS") return new GridFsStore(this.#database);
    if (type === "FileSystem") return new FileSystemStore(this.#settings.get("FileUpload_FileSystemPath"));
    throw new Error(`FileUpload_Storage_Type: the stand-in has GridFS and FileSystem only (got ${type})`);
  }

  /** Stores a stream; `tooLarge` is asked afterwards, since a cut stream ends like a whole one. */
  async save(source, { name, type, rid, userId, tooLarge }) {
    const id = randomId();
    const storeType = this.#settings.get("FileUpload_Storage_Type");
    const store = this.#store(storeType);
    let size = 0;
    const meter = new Transform({
      transform(chunk, _encoding, done) {
        size += chunk.length;
        done(null, chunk);
      },
    });
    try {
      await store.write(id, source, meter, name);
      if (tooLarge()) {
        await store.remove(id);
        return undefined;
      }
    } catch (error) {
      await store.remove(id);
      throw error;
    }
    const file = {
      _id: id,
      name,
      type,
      size,
      rid,
      userId,
      store: `${storeType}:Uploads`,
      complete: true,
      uploadedAt: new Date(),
    };
    await this.#files.insertOne(file);
    return file;
  }

  find(id) {
    return this.#files.findOne({ _id: id, store: { $exists: true } });
  }

  read(file) {
    return this.#store(file.store.split(":")[0]).read(file._id);
  }
}
