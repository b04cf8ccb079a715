import { readdirSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { restoreFile, stageFiles, swapFiles } from "../../commands/restore/files";
import type { Journal } from "../../commands/restore/journal";
import { thisActor } from "../../settings/actor";
import type { Manifest } from "../../commands/restore/snapshots";
import type { Worker } from "../../commands/restore/worker";
import { SmallDisk } from "../faults/small-disk";
import { Hostile } from "../integration/hostile";

// A process with the application's uid renames, links, swaps and races in its directories all the time, while root backs up, restores,
// restores one file, and prepares directories as an `up` and an adoption do. What is not its own must be neither read, written,
// owned nor listed; each piece of work ends well or with a refusal that says what to do.
const rounds = Number(process.env["ROUNDS"] ?? 200);
/** A backup reads the database as well, by four programs: that is seconds each. */
const backupRounds = Math.ceil(rounds / 10);
const refusal = /: must .+ \(got .+\); ./;

/**
 * What the process does in its uploads and its data, as fast as it can, in bursts: in between now and then a piece of work gets through.
 * What it can read of root's secrets it keeps where `leaked` looks.
 */
const racer = (home: string) => `
const fs = require("fs");
const targets = ["${home}/secrets", "${home}/backup/scripts", "${home}/backup/bin", "${home}", "/parts/home/secrets", "/backup", "/repository", "/etc", "/"];
const names = [".backup-staging", ".restore", ".rocketchat-staging", ".rocketchat-restore", "2026", "emoji", "d", "new", "aside"];
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const quietly = (work) => { try { return work(); } catch {} };
const sleep = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
const steal = (path, depth = 0) => {
  if (!quietly(() => fs.lstatSync(path).isDirectory())) return;
  for (const entry of quietly(() => fs.readdirSync(path, { withFileTypes: true })) ?? []) {
    const below = path + "/" + entry.name;
    if (entry.isDirectory() && depth < 6) steal(below, depth + 1);
    if (!entry.isFile()) continue;
    const text = quietly(() => fs.readFileSync(below, "latin1")) ?? "";
    if (text.includes("planted-") && entry.name !== "stolen") fs.appendFileSync("/app/data/stolen", below + " " + text);
  }
};
const act = () => {
  const at = pick(["/app/uploads", "/app/data"]) + "/";
  // Also what has a name that nobody knows before.
  const seen = quietly(() => fs.readdirSync(at).filter((name) => name.startsWith("."))) ?? [];
  const name = at + pick([...names, ...seen]), other = at + pick(names);
  quietly([
    () => fs.renameSync(name, other),
    () => fs.symlinkSync(pick(targets), name),
    () => fs.symlinkSync(pick(targets) + "/admin-password", name),
    () => { fs.mkdirSync(name + "/snapshot/secrets", { recursive: true }); fs.mkdirSync(name + "/new/x", { recursive: true }); fs.chmodSync(name, 0o777); },
    () => fs.unlinkSync(name),
    () => fs.rmSync(name, { recursive: true }),
    () => fs.writeFileSync(name + "/evil", "evil"),
    () => fs.linkSync(pick([at + "one.bin", at + "aside/run"]), name),
    () => { fs.symlinkSync(pick(targets), at + "swap"); fs.renameSync(name, other); fs.renameSync(at + "swap", name); },
    () => steal(name),
    () => steal(at),
  ][Math.floor(Math.random() * 11)]);
};
for (let burst = 0; ; burst += 1) {
  for (const end = Date.now() + Math.random() * 200; Date.now() < end; ) act();
  if (burst === 1) alive();
  sleep(Math.random() ** 4 * 4000);
}`;

const hours = { timeout: 3_600_000 };

/** @param hasDisk The uploads have a disk of their own; otherwise they lie in the workspace's directory. */
export function adversary(prefix: string, hasDisk: boolean): void {
  const workspace = new Hostile(prefix);
  const { home, uploads, data } = workspace;
  const disk = new SmallDisk(uploads, 600);
  let worker: Worker;
  let snapshot: string;
  let manifest: Manifest;
  let before: ReturnType<Hostile["outside"]>;

  beforeAll(async () => {
    workspace.remove();
    if (hasDisk) disk.mount();
    await workspace.start();
    snapshot = await workspace.snapshot();
    manifest = JSON.parse(workspace.restic(`restic dump ${snapshot} /snapshot/manifest.json`)) as Manifest;
    worker = await workspace.worker();
    before = workspace.outside();
  });

  afterAll(async () => {
    await worker.remove();
    workspace.removeContainers();
    disk.remove();
    workspace.remove();
  });

  /**
   * Repeats work against the race; each end is a success or a refusal, and some are a success unless it is `rare`. Then there is nothing
   * but what was, and it ends well.
   */
  async function against(times: number, work: () => Promise<unknown>, rare = false): Promise<void> {
    const ended: Record<string, number> = { well: 0, refused: 0 };
    const others: string[] = [];
    const race = await workspace.race(racer(home));
    try {
      for (let round = 0; round < times; round += 1) {
        const fault = await work().then(
          () => undefined,
          (error: Error) => error.message,
        );
        const kind = fault === undefined ? "well" : refusal.test(fault) ? "refused" : "otherwise";
        ended[kind] = (ended[kind] ?? 0) + 1;
        if (kind === "otherwise") others.push(fault!);
        if (round % 10 === 0) expect(workspace.outside()).toEqual(before);
      }
    } finally {
      race.end();
    }
    console.log(`${prefix}: ${times} rounds ended ${JSON.stringify(ended)}`);
    expect(workspace.outside()).toEqual(before);
    expect(workspace.leaked()).toEqual([]);
    expect(others).toEqual([]);
    if (!rare) expect(ended["well"]).toBeGreaterThan(0);
    for (const directory of [uploads, data])
      for (const name of readdirSync(directory).filter((found) => found !== "lost+found"))
        rmSync(`${directory}/${name}`, { recursive: true, force: true });
    workspace.layOut();
    await work();
    workspace.layOut();
  }

  it("finds no way out in a backup", hours, async () => {
    await against(backupRounds, async () => {
      const { status, output } = await workspace.run();
      if (status !== 0) throw new Error(output);
    });
    const listed = workspace.restic("restic ls latest");
    expect(listed).not.toMatch(/snapshot\/(uploads|data)\/.*(password|api-token|common\.sh|restic)/);
  });

  it("finds no way out in a restore", hours, async () => {
    await against(
      rounds,
      async () => {
        const journal: Journal = {
          stack: "local",
          phase: "preparing",
          snapshot,
          parts: ["uploads"],
          by: thisActor,
          apart: true,
          startedAt: new Date().toISOString(),
        };
        try {
          await stageFiles(worker, workspace.site, "uploads", journal, manifest);
          for (const direction of ["forward", "back", "forward"] as const)
            await swapFiles(worker, workspace.site, "uploads", direction, journal);
        } finally {
          await swapFiles(worker, workspace.site, "uploads", "clean", journal);
        }
      },
      hasDisk, // what waits must keep its name for seconds, among the uploads
    );
  });

  it("finds no way out in a restore of one file", hours, async () => {
    await against(rounds, () => restoreFile(worker, workspace.site, "uploads", "2026/two.bin", snapshot));
  });

  it("finds no way out where an up or an adoption prepares its directories", hours, async () => {
    const { image } = workspace.site.settings.rocketchat;
    let adopted = false;
    await against(rounds, async () => {
      // An adopted directory is somebody else's first, so that all in it changes owner.
      adopted = !adopted;
      for (const path of [uploads, data])
        await workspace.site.host.script(
          "scripts/host/directory.sh",
          path,
          { DIRECTORY: path, MODE: "0777", ...(adopted && { OWNER: "65533:100" }) },
          adopted ? {} : { owner: { image } },
        );
      await workspace.site.host.script("scripts/host/restore/room.sh", uploads, { PATHS: uploads });
    });
  });
}
