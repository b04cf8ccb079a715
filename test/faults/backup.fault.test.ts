import { randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BackupStatus } from "../../commands/backup/report";
import { type Session, until } from "../integration/site";
import { OwnService } from "./own-service";
import { SmallDisk } from "./small-disk";

const disks = {
  chat: new SmallDisk("/opt/itfb-rocketchat", 1024),
  repository: new SmallDisk("/opt/itfb-repository", 400),
};
const elsewhen = new Date(Date.now() + 12 * 3_600_000).toISOString().slice(11, 16);
const service = new OwnService("itfb-", Object.values(disks), [
  [
    ["rocketchat:backup"],
    { repository: "/opt/itfb-repository/backups", jitter: "0 seconds", time: elsewhen },
  ],
]);
const container = "itfb-rocketchat-backup";
const home = "/opt/itfb-rocketchat";
let admin: Session;

const status = () => JSON.parse(readFileSync(`${home}/backup/status.json`, "utf8")) as BackupStatus;
const inside = (script: string) =>
  service.engine.docker.run(
    "exec",
    container,
    "bash",
    "-c",
    `. /backup/scripts/common.sh; export TMPDIR=/tmp; mkdir -p /run/backup; repository; ${script}`,
  );
const times = () =>
  (JSON.parse(inside('restic snapshots --no-lock --json "${ours[@]}"')) as { time: string }[]).map(
    ({ time }) => time.slice(0, 10),
  );
const atRest = () =>
  until("nothing is at work", () =>
    Promise.resolve(execFileSync("flock", ["--nonblock", `${home}/backup/lock`, "true"])),
  );

function expectNothingLeft(): void {
  expect(readdirSync(`${home}/uploads`).filter((name) => name.startsWith("."))).toEqual([]);
  expect(readdirSync(`${home}/backup`)).not.toContain("tmp");
  expect(inside("restic list locks --no-lock")).toBe("");
  expect(
    execFileSync("find", ["/opt/itfb-repository/backups", "-name", "*-tmp-*"], { encoding: "utf8" }),
  ).toBe("");
}

beforeAll(async () => {
  admin = await service.start();
  for (let n = 0; n < 20; n++) await admin.upload(`kept-${n}.bin`, randomBytes(1_000_000));
  await until("the first backup is made", () =>
    Promise.resolve(expect(status().lastSuccessAt).toBeDefined()),
  );
  await atRest();
});
afterAll(async () => {
  await service.remove();
  execFileSync("rm", ["-rf", "/opt/itfb-repository"]);
});

describe("a backup that is killed", () => {
  it("at any moment, leaves nothing half-made, and the next run works", async () => {
    const hurt: number[] = [];
    for (let n = 0; n < 12; n++) {
      await admin.upload(`killed-${n}.bin`, randomBytes(500_000));
      const before = times().length;
      // Who holds the lock writes into it. To try it would be to hold it.
      const holder = () => readFileSync(`${home}/backup/lock`, "utf8");
      const last = holder();
      const run = service.clone.npm("backup");
      await until("it has begun", () => Promise.resolve(expect(holder()).not.toBe(last)), 60);
      const after = Math.round(Math.random() * 6000);
      await sleep(after);
      service.engine.docker.crash(
        container,
        service.engine.docker.inspect("itfb-traefik", "{{.Config.Image}}"),
      );
      if ((await run).status !== 0) hurt.push(after);
      await until("the container is back and has cleaned up", () => Promise.resolve(expectLocksAside()), 90);
      expect(times().length - before).toBeLessThanOrEqual(1);
      // Docker waits longer and longer with what is killed soon after its start, until somebody restarts it.
      service.engine.docker.run("restart", container);
    }
    expect(hurt.length, `killed after ${hurt.join(", ")} ms`).toBeGreaterThan(5);
    const last = await service.clone.npm("backup");
    expect(last.status, last.output).toBe(0);
    expectNothingLeft();
    const check = await service.clone.npm("backup:check", ["--read-data-subset", "100%"]);
    expect(check.status, check.output).toBe(0);
    await service.isWell();
  });

  /** What is on the disk goes at the container's next start; a lock in the repository with the next run. */
  function expectLocksAside(): void {
    inside("true"); // it runs
    expect(readdirSync(`${home}/uploads`).filter((name) => name.startsWith("."))).toEqual([]);
    expect(readdirSync(`${home}/backup`)).not.toContain("tmp");
    execFileSync("flock", ["--nonblock", `${home}/backup/lock`, "true"]);
  }
});

describe("full disks", () => {
  it("of the repository: no half snapshot, a reason, and the next run works", async () => {
    const before = times();
    await admin.upload("too-much.bin", randomBytes(5_000_000));
    disks.repository.fill();
    await service.says(/^room in \/opt\/itfb-repository\/backups: must be 256 MiB or more/m);
    const run = await service.clone.npm("backup");
    expect(run.status).toBe(1);
    expect(run.output).toMatch(/^backup: failed; .*no space left on device/m);
    disks.repository.makeRoom();
    expect(times()).toEqual(before);
    expectNothingLeft();
    expect((await service.clone.npm("backup")).status).toBe(0);
    await service.isWell();
  });

  it("of the uploads: the dump leaves the chat its room", async () => {
    disks.chat.fill(200);
    const run = await service.clone.npm("backup");
    expect(run.status).toBe(1);
    expect(run.output).toMatch(
      /^backup: failed; room for the dump: 256 MiB must stay free on the disk of the uploads \(got \d+ MiB\); make room$/m,
    );
    await admin.upload("while-the-disk-is-tight.bin", randomBytes(1_000_000));
    disks.chat.makeRoom();
    expectNothingLeft();
    expect((await service.clone.npm("backup")).status).toBe(0);
  });
});

describe("two hundred days", () => {
  it("leave the newest of 7 days, 4 weeks and 6 months, and on every one of them the newest backup", () => {
    const kept = inside(`
      restic --quiet forget "\${ours[@]}" --unsafe-allow-remove-all --group-by host,tags
      for ((day = 0; day < 200; day++)); do
        at=$(date -d "2026-01-01 $day days" +%F)
        echo "$at" > /run/backup/day
        restic --quiet backup --time "$at 03:30:00" "\${ours[@]}" --group-by host,tags /run/backup/day
        [ $((day % 5)) = 0 ] || continue
        thin_out
        newest=$(restic snapshots --json "\${ours[@]}" latest | grep -o '"time":"[0-9-]*' | tail -n 1 | cut -c 9-)
        [ "$newest" = "$at" ] || { echo "on $at the newest is $newest"; exit 1; }
      done
      thin_out`);
    expect(kept).toBe("");
    const days = times();
    // 200 days from 1 January 2026 on end with Sunday, 19 July.
    expect(days).toEqual([
      "2026-02-28",
      "2026-03-31",
      "2026-04-30",
      "2026-05-31",
      "2026-06-28",
      "2026-06-30",
      "2026-07-05",
      "2026-07-12",
      "2026-07-13",
      "2026-07-14",
      "2026-07-15",
      "2026-07-16",
      "2026-07-17",
      "2026-07-18",
      "2026-07-19",
    ]);
    expect(inside("restic check").includes("no errors were found")).toBe(true);
  }, 900_000);
});
