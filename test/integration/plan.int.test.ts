import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clone, type Run } from "./clone";

// As a newcomer: no login, no passphrase, no backend, and an engine that is not there.
const clone = new Clone("plan", {
  DOCKER_HOST: "unix:///nowhere/docker.sock",
  PULUMI_CONFIG_PASSPHRASE: "",
  PULUMI_BACKEND_URL: "https://nowhere.invalid",
});
let plan: Run;

beforeAll(async () => {
  appendFileSync(
    join(clone.directory, "Pulumi.prod.yaml"),
    "  rocketchat:registrationToken:\n    secure: v1:c2FsdA==:a-value-that-only-the-operator-can-open\n",
  );
  clone.commit();
  plan = await clone.npm("plan", ["prod"]);
});
afterAll(() => clone.remove());

describe("npm run plan -- prod", () => {
  it("shows the first deployment in full, without a login, a passphrase or a server", () => {
    expect(plan.status, plan.output).toBe(0);
    expect(plan.output).toMatch(/\+ \d+ to create/);
    for (const part of [
      "mongodb-shared",
      "/opt/rocketchat/uploads",
      "ssh://root@srv759970.hstgr.cloud",
      "rs0",
    ]) {
      expect(plan.output).toContain(part);
    }
    expect(plan.output).toContain("rocketchat/rocket.chat:8.8.1");
  });

  it("shows no secret, neither the operator's nor one in its place", () => {
    expect(plan.output).toContain("::rocketchat-env]");
    expect(plan.output).not.toMatch(/only-the-operator|placeholder-for-a-secret/);
  });

  it("leaves the working tree as it was", () => {
    expect(clone.changes()).toBe("");
    expect(existsSync(join(clone.directory, ".state", "local"))).toBe(false);
  });

  it("says what is wrong in a stack's settings, and fails", async () => {
    appendFileSync(join(clone.directory, "Pulumi.prod.yaml"), "  rocketchat:domain: chat.example.org\n");
    const refused = await clone.npm("plan", ["prod"]);

    expect(refused.status).not.toBe(0);
    expect(refused.output).toContain("rocketchat, stack prod: 1 problem in the settings");
    expect(refused.output).toMatch(/domain\s+was renamed hostname/);
  });

  it("tells a fault of the program with its place, and not after half a minute", async () => {
    const program = join(clone.directory, "index.ts");
    const whole = readFileSync(program, "utf8");
    const broken = whole.replace(
      "const settings =",
      'if (process.pid > 0) throw new Error("a plain fault");\n  const settings =',
    );
    expect(broken).not.toBe(whole);
    writeFileSync(program, broken);
    const failed = await clone.npm("plan", ["prod"]);
    writeFileSync(program, whole);

    expect(failed.status).not.toBe(0);
    expect(failed.output).toMatch(/a fault of this program.*\nError: a plain fault\n.*index\.ts/);
    // Without the mend it takes several times as long as a plan of 80 resources.
    expect(failed.tookMs).toBeLessThan(1.5 * plan.tookMs);
  });

  it("asks for a stack that it knows", async () => {
    const refused = await clone.npm("plan", ["nowhere"]);

    expect(refused.status).toBe(1);
    expect(refused.output).toContain(
      "npm run plan: is followed by a stack with a settings file (got nowhere); npm run plan -- prod",
    );
  });
});
