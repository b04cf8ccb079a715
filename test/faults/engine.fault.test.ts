import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../integration/site";
import { OwnService } from "./own-service";
import { Writers } from "./writer";

const service = new OwnService("itf-");
const { engine } = service;
let admin: Session;

beforeAll(async () => {
  admin = await service.start();
});
afterAll(() => service.remove());

/** Writes for a moment, breaks something meanwhile, and answers the writers when each of their writes has its answer. */
async function writingUntil(label: string, fault: () => Promise<void>): Promise<Writers> {
  const writers = new Writers(admin, label);
  await expect.poll(() => writers.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(50);
  await expect.poll(() => writers.files.size, { timeout: 30_000 }).toBeGreaterThan(2);
  await fault();
  await writers.stop();
  return writers;
}

describe.each([
  ["stopped and started", () => engine.stop(), 120],
  ["killed and started", () => engine.stop("SIGKILL"), 120],
  ["started after a power cut", () => engine.powerCut(), 120],
] as const)("an engine that is %s", (how, fault, seconds) => {
  let writers: Writers;
  let certificate: string;

  it("is named by npm run status while it is away", async () => {
    certificate = (await service.site.handshake()).serial;
    writers = await writingUntil(how, fault);

    const said = await service.says(
      /^engine: must be running .*; on that host, as root: systemctl start docker$/m,
    );
    expect(said).not.toMatch(/all is well/);
  });

  it("brings everything back by itself, and nothing that was acknowledged is lost", async () => {
    const started = Date.now();
    await engine.start();
    admin = await service.login(seconds);
    console.log(`${how}: answers ${Math.round((Date.now() - started) / 1000)} s after the engine's start`);

    await writers.expectNothingLost(admin);
    expect((await service.site.handshake()).serial).toBe(certificate);
    await admin.post(`${how}: after`);
    await service.isWell();
    await service.nothingToRepair();
  });
});
