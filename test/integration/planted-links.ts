import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { restoreFile, stageFiles, swapFiles } from "../../commands/restore/files";
import type { Journal } from "../../commands/restore/journal";
import { thisActor } from "../../settings/actor";
import type { Manifest } from "../../commands/restore/snapshots";
import type { Worker } from "../../commands/restore/worker";
import { SmallDisk } from "../faults/small-disk";
import { appId, Hostile } from "./hostile";
import { until } from "./site";

/**
 * The application's uid plants links and renames directories where root is at work, at the moments when that hurts.
 * @param hasDisk The uploads have a disk of their own; otherwise they lie in the workspace's directory.
 */
export function plantedLinks(prefix: string, hasDisk: boolean): void {
  const workspace = new Hostile(prefix);
  const { home, uploads, data } = workspace;
  const disk = new SmallDisk(uploads, 600);
  let snapshot: string;
  let worker: Worker | undefined;
  let before: ReturnType<Hostile["outside"]>;

  const journalOf = (id: string): Journal => ({
    stack: "local",
    phase: "preparing",
    snapshot: id,
    parts: ["uploads"],
    by: thisActor,
    apart: true,
    startedAt: new Date().toISOString(),
  });
  const manifest = () =>
    JSON.parse(workspace.restic(`restic dump ${snapshot} /snapshot/manifest.json`)) as Manifest;
  const rightNow = async () => (worker ??= await workspace.worker());

  beforeAll(async () => {
    workspace.remove();
    if (hasDisk) disk.mount();
    await workspace.start();
    snapshot = await workspace.snapshot();
    before = workspace.outside();
  });

  afterEach(async () => {
    await worker?.remove();
    worker = undefined;
    expect(workspace.leaked()).toEqual([]);
    expect(workspace.outside()).toEqual(before);
    for (const name of readdirSync(uploads))
      if (name.startsWith(".")) rmSync(`${uploads}/${name}`, { recursive: true });
  });

  afterAll(() => {
    if (hasDisk) workspace.removeContainers();
    disk.remove();
    workspace.remove();
  });

  const staging = () =>
    ["backup/staging", "uploads/.rocketchat-staging", "uploads/.backup-staging"].map(
      (name) => `${home}/${name}`,
    );

  it("gets no secret by changing directories during a backup", async () => {
    const gate = workspace.hold();
    const running = workspace.run();
    await until("it asks for the database", () => Promise.resolve(expect(gate.held()).toBe(true)), 60);
    const place = hasDisk ? `${uploads}/.rocketchat-staging` : `${home}/backup/staging`;
    expect(workspace.places()).toEqual({ [place]: "0 40700" });
    // Whatever it may rename it puts aside, and a tree of its own in that place, with a file that it keeps open: what is copied over
    // that is read before it changes owner.
    workspace.asApp(
      `cd /app/uploads; for name in .[a-z]*; do [ -d "$name" ] || continue; mv "$name" aside; mkdir -p "$name/snapshot/uploads" "$name/snapshot/secrets/rocketchat/secrets"; touch "$name/snapshot/secrets/rocketchat/secrets/admin-password"; chmod -R 777 "$name"; done`,
    );
    const thief = await workspace.race(
      `const fs = require("fs"); const fds = fs.readdirSync("/app/uploads").filter((name) => name.startsWith(".")).map((name) => fs.openSync("/app/uploads/" + name + "/snapshot/secrets/rocketchat/secrets/admin-password"));
      alive();
      setInterval(() => { for (const fd of fds) { const read = Buffer.alloc(99); if (fs.readSync(fd, read, 0, 99, 0) > 0) fs.writeFileSync("/app/uploads/stolen", read); } }, 5);`,
    );
    gate.go();
    const { status, output } = await running;
    thief.end();
    expect(workspace.leaked()).toEqual([]);
    if (status !== 0) expect(output).toMatch(/backup: failed; \S+: must be /);
    workspace.asApp("chmod -R 777 /app/uploads/.[a-z]* 2>/dev/null; rm -rf /app/uploads/.[a-z]* || true");
    rmSync(`${uploads}/aside`, { recursive: true, force: true });
    await workspace.snapshot();
    for (const path of staging()) expect(existsSync(path), path).toBe(false);
  });

  it("cannot have a backup take what a link of its leads to", async () => {
    workspace.asApp(
      "cd /app/uploads; ln -s /parts/home/secrets linked; ln -s /parts/home/secrets/admin-password linked-file; mkfifo pipe; ln -s /parts/home/secrets /app/data/linked; mkfifo /app/data/pipe",
    );
    const { status, output } = await workspace.run();
    expect(status, output).toBe(0);
    expect(output).toMatch(/not in it: of the uploads, 3 links or special files/);
    expect(output).toMatch(/not in it: of the other files, 2 links or special files/);
    const names = workspace.restic("restic ls --recursive latest /snapshot/uploads /snapshot/data");
    expect(names).toContain("/snapshot/uploads/2026/two.bin");
    expect(names).toContain("/snapshot/data/emoji/smile.png");
    expect(names).not.toMatch(/linked|pipe/);
    workspace.asApp("cd /app/uploads; rm linked linked-file pipe /app/data/linked /app/data/pipe");
  });

  it("keeps what an earlier release left from being followed, and that is cleaned up", async () => {
    for (const name of [".backup-staging", ".restore"]) {
      mkdirSync(`${uploads}/${name}/snapshot`, { recursive: true, mode: 0o700 });
      writeFileSync(`${uploads}/${name}/snapshot/left`, "planted-admin");
    }
    symlinkSync("/parts/home/secrets", `${uploads}/.rocketchat-staging`);
    if (hasDisk) {
      expect((await workspace.run()).output).toMatch(
        /backup: failed; \/uploads\/\.rocketchat-staging: must not be there \(got somebody's\); see who put it there and move it away/,
      );
      rmSync(`${uploads}/.rocketchat-staging`);
    }
    await workspace.snapshot();
    expect(existsSync(`${uploads}/.backup-staging`)).toBe(false);
    expect(workspace.restic("restic ls latest")).not.toMatch(/left/);
    await swapFiles(await rightNow(), workspace.site, "uploads", "clean", journalOf(snapshot));
    expect(existsSync(`${uploads}/.restore`)).toBe(false);
  });

  it("has no say in what is restored", async () => {
    const journal = journalOf(snapshot);
    const at = await rightNow();
    await stageFiles(at, workspace.site, "uploads", journal, manifest());
    workspace.asApp(
      `cd /app/uploads; for name in .restore .rocketchat-restore; do if [ -d "$name" ]; then mv "$name" aside; fi; mkdir -p "$name/new"; echo evil > "$name/new/evil"; done`,
    );
    const swapped = await swapFiles(at, workspace.site, "uploads", "forward", journal).catch(
      (error: Error) => error,
    );
    expect(existsSync(`${uploads}/evil`)).toBe(false);
    if (hasDisk) {
      expect(String(swapped)).toMatch(/\.rocketchat-restore: must be root's alone \(got one of uid 65533/);
      rmSync(`${uploads}/.rocketchat-restore`, { recursive: true });
      renameSync(`${uploads}/aside`, `${uploads}/.rocketchat-restore`);
      await swapFiles(at, workspace.site, "uploads", "forward", journal);
    }
    rmSync(`${uploads}/.restore`, { recursive: true, force: true });
    expect(
      readdirSync(uploads)
        .filter((name) => !name.startsWith(".") && name !== "lost+found")
        .sort(),
    ).toEqual(["2026", "one.bin"]);
    expect(statSync(`${uploads}/2026/two.bin`).uid).toBe(appId);
    await swapFiles(at, workspace.site, "uploads", "clean", journal);
    expect(readdirSync(uploads).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("cannot lead the files of a restore elsewhere", async () => {
    const at = await rightNow();
    workspace.asApp(
      `cd /app/uploads; for name in .restore .rocketchat-restore; do ln -s ${home}/secrets "$name"; done`,
    );
    const staged = await stageFiles(at, workspace.site, "uploads", journalOf(snapshot), manifest()).catch(
      (error: Error) => error,
    );
    expect(workspace.outside()).toEqual(before);
    if (hasDisk) expect(String(staged)).toMatch(/\.rocketchat-restore: must not be there \(got somebody's\)/);
    else expect(staged).toBeUndefined();
    rmSync(`${uploads}/.rocketchat-restore`);
    rmSync(`${uploads}/.restore`);
    await swapFiles(at, workspace.site, "uploads", "clean", journalOf(snapshot));
  });

  it("an earlier release's restore that was interrupted goes on, and back", async () => {
    const journal: Journal = { ...journalOf(snapshot) };
    delete journal.apart;
    const waiting = `${uploads}/.restore`;
    mkdirSync(waiting, { mode: 0o700 });
    mkdirSync(`${waiting}/new`);
    chownSync(`${waiting}/new`, appId, appId);
    writeFileSync(`${waiting}/new/restored.bin`, "restored");
    const at = await rightNow();
    const names = () =>
      readdirSync(uploads)
        .filter((name) => !name.startsWith(".") && name !== "lost+found")
        .sort();
    await swapFiles(at, workspace.site, "uploads", "forward", journal);
    expect(names()).toEqual(["restored.bin"]);
    await swapFiles(at, workspace.site, "uploads", "back", journal);
    expect(names()).toEqual(["2026", "one.bin"]);
    await swapFiles(at, workspace.site, "uploads", "clean", journal);
    expect(existsSync(waiting)).toBe(false);
    const lost = await swapFiles(at, workspace.site, "uploads", "forward", journal).catch(
      (error: Error) => error,
    );
    expect(String(lost)).toMatch(
      /\.restore: must hold the files that wait \(got nothing there\); look for it below/,
    );
  });

  it("cannot have one file that is restored change anything behind a link", async () => {
    const at = await rightNow();
    workspace.asApp(`cd /app/uploads; mv 2026 aside; ln -s ${home}/secrets 2026`);
    const put = await restoreFile(at, workspace.site, "uploads", "2026/two.bin", snapshot).catch(
      (error: Error) => error,
    );
    expect(workspace.outside()).toEqual(before);
    expect(String(put)).toMatch(
      /uploads\/2026: must be a directory, and no link .* move it away, then run the command again/,
    );
    workspace.asApp(
      "cd /app/uploads; rm 2026; rm aside/two.bin; mv one.bin kept; ln -s /app/uploads/kept one.bin; mv aside 2026",
    );
    await restoreFile(at, workspace.site, "uploads", "2026/two.bin", snapshot);
    expect(readFileSync(`${uploads}/2026/two.bin`, "utf8")).toBe("two");
    await restoreFile(at, workspace.site, "uploads", "one.bin", snapshot);
    expect(lstatSync(`${uploads}/one.bin`).isFile()).toBe(true);
    expect(readFileSync(`${uploads}/kept`, "utf8")).toBe("one");
    rmSync(`${uploads}/kept`);
    rmSync(`${uploads}/2026`, { recursive: true });
    await restoreFile(at, workspace.site, "uploads", "2026/two.bin", snapshot);
    expect(statSync(`${uploads}/2026`)).toMatchObject({ uid: appId, gid: appId });
    expect(statSync(`${uploads}/2026`).mode & 0o777).toBe(0o750);
    expect(readdirSync(uploads).filter((name) => name.startsWith("."))).toEqual([]);
    await restoreFile(at, workspace.site, "data", "emoji/smile.png", snapshot);
    expect(readFileSync(`${data}/emoji/smile.png`, "utf8")).toBe("smile");
  });

  it("secrets come out of a snapshot as files of root's, whatever they were", async () => {
    const away = `${home}/backup/odd`;
    mkdirSync(`${away}/snapshot/secrets/rocketchat`, { recursive: true, mode: 0o777 });
    const odd = `${away}/snapshot/secrets/rocketchat`;
    writeFileSync(`${odd}/admin-password`, "of the snapshot", { mode: 0o666 });
    chownSync(`${odd}/admin-password`, appId, appId);
    symlinkSync(`${home}/.env`, `${odd}/backup-password`);
    symlinkSync(`${home}/.env`, `${odd}/api-token`);
    workspace.restic("cd /backup/odd && restic --quiet backup --host odd --tag rocketchat snapshot");
    rmSync(away, { recursive: true });
    const kept = `${home}/kept-secrets`;
    renameSync(`${home}/secrets`, kept);
    mkdirSync(`${home}/secrets`, { mode: 0o700 });
    writeFileSync(`${home}/secrets/backup-password`, workspace.secret("backup-password"), { mode: 0o400 });
    const id = (JSON.parse(workspace.restic("restic snapshots --json --host odd")) as { id: string }[])[0]!
      .id;
    await (
      await rightNow()
    ).withRepository("scripts/host/restore/put-secrets.sh", {
      SNAPSHOT: id,
      SECRETS: `${home}/secrets`,
      MONGO: "",
    });
    const found = readdirSync(`${home}/secrets`).map((name) => {
      const stat = lstatSync(`${home}/secrets/${name}`);
      return [name, stat.isFile(), stat.uid, (stat.mode & 0o777).toString(8)].join(" ");
    });
    const password = readFileSync(`${home}/secrets/backup-password`, "utf8");
    rmSync(`${home}/secrets`, { recursive: true });
    renameSync(kept, `${home}/secrets`);
    expect(found).toEqual(["admin-password true 0 400", "backup-password true 0 400"]);
    expect(password).toBe(workspace.secret("backup-password"));
  });
}
