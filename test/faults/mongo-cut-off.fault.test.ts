import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Session } from "../integration/site";
import { OwnService } from "./own-service";
import { Writers } from "./writer";

const service = new OwnService("itf-");
let admin: Session;
let writers: Writers;
let starts: string[];
const startsOf = () =>
  ["itf-rocketchat", "itf-mongodb-shared", "itf-traefik"].map((name) =>
    service.engine.docker.inspect(name, "{{.State.StartedAt}}"),
  );

beforeAll(async () => {
  admin = await service.start();
  starts = startsOf();
});
afterAll(() => service.remove());

it("says why, while MongoDB is cut off for a minute and every container looks healthy", async () => {
  writers = await Writers.atWork(admin, "cut off");
  service.engine.setLink("itf-mongodb-shared", "down");
  const minute = sleep(60_000);
  try {
    const said = await service.says(
      /^database: Rocket.Chat cannot reach itf-mongodb-shared:27017 \(no answer within 10 s\); .*$/m,
      45,
    );
    expect(said).toMatch(/^front door: https:\/\/chat.localhost\/api\/info does not answer/m);
    expect(said).not.toMatch(/^container itf-/m);
  } finally {
    await minute;
    service.engine.setLink("itf-mongodb-shared", "up");
  }
});

it("goes on by itself without a restart, soon after MongoDB is back", async () => {
  const before = writers.acknowledged.length;
  await expect.poll(() => writers.acknowledged.length, { timeout: 15_000 }).toBeGreaterThan(before + 50);
  await service.isWell();
  expect(startsOf()).toEqual(starts);
});

it("has told every writer the truth: nothing that was acknowledged is lost", async () => {
  await writers.stop();
  await writers.expectNothingLost(admin);
  await service.nothingToRepair();
});
