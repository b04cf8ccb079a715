import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noBackupSoon } from "../integration/no-backup-soon";
import { type Session, until } from "../integration/site";
import { OwnService } from "./own-service";
import { SmallDisk } from "./small-disk";

const disks = { mongo: new SmallDisk("/opt/itdr-mongodb-shared", 1600) };
const repository = "/opt/itdr-repository/chat";
const service = new OwnService("itdr-", Object.values(disks), [
  [["rocketchat:backup"], { repository, ...noBackupSoon("itdr-") }],
]);
const home = "/opt/itdr-rocketchat";
const journal = `${home}/backup/restore.json`;
const files = new Map<string, Buffer>();
let admin: Session;
let snapshot: string;

const restore = (...args: string[]) => service.clone.npm("restore", args);
const phase = () => {
  try {
    return (JSON.parse(readFileSync(journal, "utf8")) as { phase: string }).phase;
  } catch {
    return undefined;
  }
};

/** The messages are all of the snapshot or all of now, and the files with them. */
async function isWhole(now: string): Promise<"old" | "new"> {
  admin = await service.login();
  const messages = await admin.messages();
  const state = messages.includes(now) ? "old" : "new";
  for (const [path, bytes] of files) {
    expect((await admin.download(path)).equals(bytes)).toBe(true);
    expect(messages.filter((text) => text.startsWith("kept"))).toHaveLength(20);
  }
  expect(readdirSync(`${home}/uploads`)).toHaveLength(state === "old" ? files.size + 1 : files.size);
  expect(existsSync(journal)).toBe(false);
  return state;
}

/** Starts a restore, and kills it with all its group when `done` says so. */
async function killedRestore(done: () => Promise<void>): Promise<void> {
  const child = spawn("npm", ["run", "--silent", "restore", "--", snapshot, "--yes", "--no-safety-backup"], {
    cwd: service.clone.directory,
    env: { ...process.env, DOCKER_HOST: service.engine.host },
    detached: true,
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await done();
  if (child.exitCode === null) process.kill(-child.pid!, "SIGKILL");
  await ended;
}

beforeAll(async () => {
  admin = await service.start();
  for (let n = 0; n < 20; n++) await admin.post(`kept ${n}`);
  for (let n = 0; n < 5; n++) {
    const bytes = randomBytes(400_000);
    files.set(await admin.upload(`kept-${n}.bin`, bytes), bytes);
  }
  const backup = await service.clone.npm("backup");
  expect(backup.status, backup.output).toBe(0);
  snapshot = /snapshot ([0-9a-f]{8})/.exec(backup.output)![1]!;
});
afterAll(async () => {
  await service.remove();
  rmSync(dirname(repository), { recursive: true, force: true });
});

describe("a restore that is killed", () => {
  it("at any moment, ends with the old data or the new, whole, by one command that may be killed as well", async () => {
    const ends: string[] = [];
    for (let n = 0; n < 8; n++) {
      for (const name of readdirSync(`${home}/uploads`))
        if (![...files.keys()].some((path) => path.includes(name))) rmSync(join(home, "uploads", name));
      await admin.post(`now ${n}`);
      await admin.upload("of-now.bin", randomBytes(1000));
      const killedAt: (string | undefined)[] = [];
      await killedRestore(async () => {
        await until("it has begun", () => Promise.resolve(expect(phase()).toBeDefined()), 60);
        await sleep(Math.random() * 25_000);
        killedAt.push(phase());
      });
      if (Math.random() < 0.5 && phase() !== undefined) {
        const resumed = restore("--resume");
        await sleep(Math.random() * 8000);
        killedAt.push(phase());
        service.engine.docker.run("rm", "--force", "itdr-rocketchat-restore");
        await resumed;
      }
      const run = await restore("--resume");
      expect(run.status, run.output).toBe(0);
      ends.push(`${killedAt.join(", ")}: ${await isWhole(`now ${n}`)}`);
    }
    console.log(ends.join("\n"));
    await service.isWell();
    await service.nothingToRepair();
  }, 1_200_000);
});

describe("one flipped byte", () => {
  /** The largest file of a kind. */
  const largest = (kind: string) =>
    readdirSync(join(repository, kind), { recursive: true, encoding: "utf8" })
      .map((name) => join(repository, kind, name))
      .filter((path) => statSync(path).isFile())
      .sort((a, b) => statSync(b).size - statSync(a).size)[0]!;

  it.each(["data", "index", "snapshots", "keys", "config"])(
    "in %s of the repository: refused, the chat goes on",
    async (kind) => {
      await admin.post(`before the flip in ${kind}`);
      const path = kind === "config" ? join(repository, "config") : largest(kind);
      const bytes = readFileSync(path);
      const flipped = Buffer.from(bytes);
      const at = Math.floor(bytes.length / 2);
      flipped[at] = flipped[at]! ^ 1;
      const started = service.engine.docker.inspect("itdr-rocketchat", "{{.State.StartedAt}}");
      writeFileSync(path, flipped);
      try {
        const run = await restore(snapshot, "--yes", "--no-safety-backup");
        expect(run.status, run.output).toBe(1);
        expect(run.output).toMatch(/^(repository|snapshot): must /m);
      } finally {
        writeFileSync(path, bytes);
      }
      expect(phase()).toBeUndefined();
      expect(readdirSync(`${home}/backup`).filter((name) => name.startsWith("restoring"))).toEqual([]);
      expect(service.engine.docker.inspect("itdr-rocketchat", "{{.State.StartedAt}}")).toBe(started);
      expect(await admin.messages()).toContain(`before the flip in ${kind}`);
    },
  );
});

describe("a full disk", () => {
  it("of MongoDB while the new collections are loaded: the old data, once there is room", async () => {
    await admin.post("before the disk was full");
    const running = restore(snapshot, "--yes", "--no-safety-backup");
    await until("it loads", () => Promise.resolve(expect(phase()).toBe("loading")), 60);
    disks.mongo.fill();
    const run = await running;
    disks.mongo.makeRoom();
    // Full or not by the time the load needed room: what counts is how it ends.
    if (phase() !== undefined) {
      const resumed = await restore("--resume");
      expect(resumed.status, resumed.output).toBe(0);
    }
    admin = await service.login();
    expect(await admin.messages()).toContain(run.status === 0 ? "kept 1" : "before the disk was full");
    expect(existsSync(journal)).toBe(false);
    await service.isWell();
  }, 900_000);

  it("is found before anything is touched where the room can be foreseen", async () => {
    await admin.post("before the room was looked at");
    disks.mongo.fill(0);
    try {
      const run = await restore(snapshot, "--yes", "--no-safety-backup");
      expect(run.status).toBe(1);
      expect(run.output).toMatch(/^disk: must have .* MB free for the new collections|^mongo.database: /m);
    } finally {
      disks.mongo.makeRoom();
    }
    admin = await service.login();
    expect(await admin.messages()).toContain("before the room was looked at");
  });
});
