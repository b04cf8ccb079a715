import { spawnSync } from "node:child_process";
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

// @ts-expect-error a script of the backup's container
const loaded = (await import("../scripts/backup/mongodump-archive.js")) as { default: Module };
const { Archive, header, magic, terminator } = loaded.default;
const doc = Buffer.from([5, 0, 0, 0, 0]);
// @ts-expect-error a script of the backup's container
const bson = (await import("../scripts/backup/bson.js")) as {
  default: { stringField: (name: string, value: string) => Buffer };
};
const { stringField } = bson.default;

it("hands on an archive of mongodump without what stands before its blocks, however the pipe cuts it", () => {
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

it("a dump that does not hold what was read makes no backup", () => {
  const directory = fs.mkdtempSync(join(tmpdir(), "archive-"));
  const file = (name: string) => join(directory, name);
  const block = [header("rocketchat", "users", false, 0n), doc, doc, terminator];
  fs.writeFileSync(
    file("round"),
    JSON.stringify({ counts: { users: 2 }, named: [], whole: [], inFiles: [] }),
  );
  const joined = (archive: Buffer[]) => {
    fs.writeFileSync(file("archive"), Buffer.concat([magic, doc, doc, terminator, ...archive]));
    const env = {
      STEP: "join",
      ARCHIVE: file("archive"),
      ROUND: file("round"),
      FILES: directory,
      BEFORE: file("none"),
      AFTER: file("none"),
      MISSING: file("missing"),
      MANIFEST: file("manifest"),
      FACTS: '{"startedAt":"2026-01-01T00:00:00Z"}',
    };
    return spawnSync(process.execPath, ["scripts/backup/archive.js"], { env, encoding: "utf8" });
  };
  try {
    const whole = joined(block);
    expect([whole.status, whole.stderr]).toEqual([0, ""]);
    expect(JSON.parse(fs.readFileSync(file("manifest"), "utf8"))).not.toHaveProperty("leftOut");
    expect(joined([header("rocketchat", "users", false, 0n), doc, terminator]).stderr).toBe(
      "the dump: must hold the 2 documents of users that were read (got 1)\n",
    );
    for (const broken of [
      [doc, terminator, ...block],
      block.slice(0, -1),
      [Buffer.from([254, 255, 255, 255])],
    ])
      expect(joined(broken).stderr).toMatch(/^the dump: must be an archive that can be read \(got /);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
});

it("a manifest counts the documents of collections alone, and names what no restore brings back", () => {
  const directory = fs.mkdtempSync(join(tmpdir(), "archive-"));
  const file = (name: string) => join(directory, name);
  const described = (name: string, type: string) => {
    const fields = Buffer.concat([stringField("collection", name), stringField("type", type)]);
    const size = Buffer.alloc(4);
    size.writeInt32LE(fields.length + 5);
    return Buffer.concat([size, fields, Buffer.alloc(1)]);
  };
  const head = Buffer.concat([stringField("server_version", "8.0.20"), Buffer.alloc(1)]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(head.length + 4);
  const [collection, view, series] = ["collection", "view", "timeseries"];
  const prelude = [
    described("users", collection),
    described("a view", view),
    described("readings", series),
    described("system.js", collection),
    terminator,
  ];
  const blocks = [header("rocketchat", "users", false, 0n), doc, terminator];
  fs.writeFileSync(file("main"), Buffer.concat([magic, length, head, ...prelude, ...blocks]));
  fs.writeFileSync(file("time-series"), "not 100% dumped\0");
  const env = {
    STEP: "dump",
    MAIN: file("main"),
    ARCHIVE: file("archive"),
    BEFORE: file("none"),
    RESERVE: "1",
    ROUND: file("round"),
    NOT_DUMPED: file("time-series"),
  };
  try {
    const dumped = spawnSync(process.execPath, ["scripts/backup/archive.js"], { env, encoding: "utf8" });
    expect([dumped.status, dumped.stderr]).toEqual([0, ""]);
    expect(JSON.parse(fs.readFileSync(file("round"), "utf8"))).toMatchObject({
      counts: { users: 1, "system.js": 0 },
      leftOut: ["not 100% dumped", "readings", "system.js"],
    });
    const after = {
      AFTER: file("none"),
      FILES: directory,
      MISSING: file("missing"),
      MANIFEST: file("manifest"),
    };
    const joined = spawnSync(process.execPath, ["scripts/backup/archive.js"], {
      env: { ...env, ...after, STEP: "join", FACTS: '{"startedAt":"2026-01-01T00:00:00Z"}' },
      encoding: "utf8",
    });
    expect([joined.status, joined.stderr]).toEqual([0, ""]);
    expect(JSON.parse(fs.readFileSync(file("manifest"), "utf8"))).toMatchObject({
      collections: { users: 1, "system.js": 0 },
      leftOut: ["not 100% dumped", "readings", "system.js"],
    });
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
});
