import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Session, until } from "../integration/site";
import { OwnService } from "./own-service";
import { SmallDisk } from "./small-disk";
import { Writers } from "./writer";

const disks = {
  mongo: new SmallDisk("/opt/itf-mongodb-shared", 1024),
  chat: new SmallDisk("/opt/itf-rocketchat", 512),
};
const service = new OwnService("itf-", Object.values(disks));
let admin: Session;

beforeAll(async () => {
  admin = await service.start();
});
afterAll(() => service.remove());

describe("the disk of the uploads, full", () => {
  const kept: { path: string; bytes: Buffer }[] = [];
  const uploadOne = async (n: number) => {
    const bytes = randomBytes(4_000_000);
    kept.push({ path: await admin.upload(`full-${n}.bin`, bytes), bytes });
  };

  it("answers an upload that does not fit with an error, takes messages, and says why", async () => {
    disks.chat.fill(20);
    await expect(
      (async () => {
        for (let n = 0; n < 10; n++) await uploadOne(n);
      })(),
    ).rejects.toThrow(/status 500/);
    expect(kept.length).toBeGreaterThanOrEqual(2);
    await admin.post("while the uploads' disk is full");

    const said = await service.says(
      /^room in \/opt\/itf-rocketchat\/uploads and \/opt\/itf-rocketchat\/data: must be 256 MiB or more \(got \d.*\); make room/m,
    );
    expect(said).toMatch(/no space left on device/i);
  });

  it("takes uploads again as soon as there is room, and every file it took is whole", async () => {
    disks.chat.makeRoom();
    await uploadOne(99);
    for (const { path, bytes } of kept) expect((await admin.download(path)).equals(bytes)).toBe(true);
    expect(await admin.messages()).toContain("while the uploads' disk is full");
    await service.isWell();
  });
});

describe("the disk of the database, standing still", () => {
  it("lets nothing be acknowledged that is not on it", async () => {
    let acknowledged = false;
    let posted!: Promise<void>;
    await disks.mongo.whileFrozen(async () => {
      posted = admin.post("while the disk stood still").then(() => void (acknowledged = true));
      await sleep(5_000);
      expect(acknowledged).toBe(false);
    });
    await posted;
    expect(await admin.messages()).toContain("while the disk stood still");
  });
});

describe("the disk of the database, full", () => {
  let writers: Writers;

  it("stops MongoDB, answers writes with an error, and says why", async () => {
    writers = await Writers.atWork(admin, "full");
    disks.mongo.fill();
    await until(
      "MongoDB ends for want of room",
      () =>
        Promise.resolve(
          expect(
            Number(service.engine.docker.inspect("itf-mongodb-shared", "{{.RestartCount}}")),
          ).toBeGreaterThan(1),
        ),
      180,
    );
    await expect.poll(() => writers.refused.length, { timeout: 120_000 }).toBeGreaterThan(0);

    const said = await service.says(/^container itf-mongodb-shared: .*No space left on device/m);
    expect(said).toMatch(
      /^room in \/opt\/itf-mongodb-shared\/data: must be 256 MiB or more \(got 0 KiB of .*\); make room/m,
    );
  });

  it("goes on by itself once there is room, and nothing that was acknowledged is lost", async () => {
    const before = writers.acknowledged.length;
    disks.mongo.makeRoom();
    await expect.poll(() => writers.acknowledged.length, { timeout: 150_000 }).toBeGreaterThan(before);
    await writers.stop();
    await writers.expectNothingLost(admin);
    await service.isWell();
    await service.nothingToRepair();
  });
});
