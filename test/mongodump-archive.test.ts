import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";

interface Module {
  Archive: new (
    file: string,
    copy: (bytes: Buffer) => void,
  ) => { collections: Buffer[]; blocks: (each: () => void) => void };
  header: (db: string, collection: string, end: boolean, crc: bigint) => Buffer;
  magic: Buffer;
  terminator: Buffer;
}

it("hands on an archive of mongodump without what stands before its blocks, however the pipe cuts it", async () => {
  const { Archive, header, magic, terminator } =
    // @ts-expect-error a script of the backup's container
    (await import("../ops/backup/mongodump-archive.js")) as Module;
  const doc = Buffer.from([5, 0, 0, 0, 0]);
  const blocks = Buffer.concat([header("rocketchat", "users", false, 0n), doc, doc, terminator]);
  const directory = fs.mkdtempSync(join(tmpdir(), "archive-"));
  const file = join(directory, "main");
  fs.writeFileSync(file, Buffer.concat([magic, doc, doc, terminator, blocks]));
  const { readSync } = fs;
  const read = vi.spyOn(fs, "readSync");
  read.mockImplementation(((fd: number, buffer: Buffer, at: number, length: number) =>
    readSync(fd, buffer, at, Math.min(length, 4), null)) as typeof readSync);
  try {
    const pieces: Buffer[] = [];
    const archive = new Archive(file, (bytes) => pieces.push(Buffer.from(bytes)));
    archive.blocks(() => undefined);
    expect(archive.collections).toHaveLength(1);
    expect(Buffer.concat(pieces).equals(blocks)).toBe(true);
  } finally {
    read.mockRestore();
    fs.rmSync(directory, { recursive: true });
  }
});
