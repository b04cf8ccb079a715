import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { KilledUp } from "./killed-up";
import { until } from "./site";

const apart = { prefix: "iti-", httpPort: 31080, httpsPort: 31443 };
const mongo = "iti-mongodb-shared";
const docker = new DockerCli();
const clone = new Clone("interrupted");
const up = new KilledUp(clone);

/** What lasts less than a second can be missed: then it is undone, and tried again. */
async function killedWhen(what: string, holds: () => boolean, undo?: () => Promise<Run>): Promise<void> {
  for (let left = undo === undefined ? 0 : 2; ; left--) {
    const status = await up.killedWhen(holds);
    if (status === undefined) return;
    if (status !== 0 || left === 0)
      throw new Error(`${what}: up ended before (status ${status})\n${up.output()}`);
    await undo?.();
  }
}

async function finishes(): Promise<Run> {
  const run = await clone.npm("up");
  expect(run.status, run.output).toBe(0);
  await clone.pulumi("preview", "--expect-no-changes");
  expect(up.lockFiles()).toEqual([]);
  return run;
}

beforeAll(async () => {
  clone.setApart(apart);
  // Installs the packages, which takes as long as the registry does.
  await clone.npm("pulumi", ["version"]);
});

afterAll(() => {
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  for (const name of docker.networks(apart.prefix)) docker.run("network", "rm", name);
  docker.forget(apart.prefix);
  for (const part of ["rocketchat", "mongodb-shared", "traefik"])
    rmSync(`/opt/${apart.prefix}${part}`, { recursive: true, force: true });
  clone.remove();
});

it(
  "killed between a container and its record, the next up removes it and goes on",
  { timeout: 900_000 },
  async () => {
    await killedWhen(
      "MongoDB is there and not recorded",
      () => up.isPending("mongo") && docker.id(mongo) !== "",
      () => clone.npm("down"),
    );
    expect(up.isPending("mongo")).toBe(true);
    expect(up.lockFiles()).toHaveLength(1);
    const orphan = docker.id(mongo);
    // What a kill leaves in one of several runs; here in each.
    writeFileSync(`${up.checkpointFile}.attrs`, "");

    const finished = await finishes();

    expect(finished.output).toContain("removed the lock on local");
    expect(finished.output).toContain(`removed the container ${mongo}`);
    expect(docker.id(mongo)).not.toBe(orphan);
  },
);

it("killed while a change drains the old server, the next up makes the change", async () => {
  clone.configure([["rocketchat:admin"], { email: "iti@example.org" }]);
  await killedWhen("the drain", () => up.isPending("rocketchat-route", "updating"));
  expect(up.isPending("rocketchat-route", "updating")).toBe(true);
  const finished = await finishes();
  expect(finished.output).toContain("removed the lock on local");
});

it("a second up and a down are refused while one is at work, and told who holds the stack", async () => {
  clone.configure(
    [["rocketchat:admin"], { email: "again@example.org" }],
    [["rocketchat:ingress", "drain"], "30 seconds"],
  );
  const first = clone.npm("up");
  await until(
    "the first one holds the lock",
    () => Promise.resolve(expect(up.lockFiles()).toHaveLength(1)),
    60,
  );
  const [second, down] = await Promise.all([clone.npm("up"), clone.npm("down")]);
  for (const refused of [second, down]) {
    expect(refused.status).toBe(1);
    expect(refused.output).toMatch(
      /stack local: one deployment at a time .*root@.*, process \d+, since \d{4}-/,
    );
  }
  expect((await first).status).toBe(0);
});
