import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../integration/site";
import { OwnService } from "./own-service";
import { Writers } from "./writer";

const service = new OwnService("itf-");
let admin: Session;

beforeAll(async () => {
  admin = await service.start();
});
afterAll(() => service.remove());

describe.each<[how: string, fault: () => Promise<void>, containersLive: boolean]>([
  ["stopped", () => service.engine.stop(), false],
  ["killed without its containers", () => service.engine.stop("SIGKILL"), true],
  ["killed with every process, as by a power cut", () => service.engine.powerCut(), false],
])("an engine that was %s", (how, fault, containersLive) => {
  let writers: Writers;
  let certificate: string;

  it("is named by npm run status while it is away", async () => {
    certificate = (await service.site.handshake()).serial;
    writers = await Writers.atWork(admin, how);
    await fault();

    expect(service.engine.processes().some((process) => process.startsWith("mongod "))).toBe(containersLive);
    await service.says(/^engine: must be running .*; on that host, as root: systemctl start docker$/m);
  });

  it("brings everything back when it starts, and nothing that was acknowledged is lost", async () => {
    await service.engine.start();
    admin = await service.login();
    await writers.stop();

    expect(writers.refused.length).toBeGreaterThan(0);
    await writers.expectNothingLost(admin);
    expect((await service.site.handshake()).serial).toBe(certificate);
    await service.isWell();
    await service.nothingToRepair();
  });
});
