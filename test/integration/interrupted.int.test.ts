import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { until } from "./site";

const apart = { prefix: "iti-", httpPort: 31080, httpsPort: 31443 };
const mongo = "iti-mongodb-shared";
const docker = new DockerCli();
const clone = new Clone("interrupted");
const state = join(clone.directory, ".state/local/.pulumi");
const locks = join(state, "locks/organization/rocketchat/local");

interface Checkpoint {
  checkpoint: {
    latest?: {
      resources?: { type: string; urn: string; id?: string }[];
      pending_operations?: { type: string; resource: { urn: string } }[];
    };
  };
}

function latest() {
  const file = join(state, "stacks/rocketchat/local.json");
  return (JSON.parse(readFileSync(file, "utf8")) as Checkpoint).checkpoint.latest ?? {};
}
const isPending = (name: string, type = "creating") =>
  (latest().pending_operations ?? []).some((op) => op.type === type && op.resource.urn.endsWith(`::${name}`));
const lockFiles = () =>
  existsSync(locks) ? readdirSync(locks).filter((file) => file.endsWith(".json")) : [];

/** Starts `npm run up` in a process group of its own and kills the whole group as soon as the condition holds. */
async function upKilledWhen(what: string, holds: () => boolean): Promise<void> {
  const child: ChildProcess = spawn("npm", ["run", "--silent", "up"], {
    cwd: clone.directory,
    detached: true,
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const kill = () => {
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it has ended by itself
    }
  };
  try {
    for (const deadline = Date.now() + 120_000; ;) {
      if (safely(holds)) break;
      if (child.exitCode !== null) throw new Error(`${what}: up ended before (status ${child.exitCode})`);
      if (Date.now() > deadline) throw new Error(`${what}: not within 120 s`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    kill();
    await ended;
  }
}

/** The checkpoint and the container come and go while they are looked at. */
function safely(holds: () => boolean): boolean {
  try {
    return holds();
  } catch {
    return false;
  }
}

async function finishes(): Promise<Run> {
  const up = await clone.npm("up");
  expect(up.status, up.output).toBe(0);
  await clone.pulumi("preview", "--expect-no-changes");
  expect(lockFiles()).toEqual([]);
  return up;
}

beforeAll(() => clone.setApart(apart));

afterAll(() => {
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  for (const name of docker.networks(apart.prefix)) docker.run("network", "rm", name);
  for (const part of ["rocketchat", "mongodb-shared", "traefik"])
    rmSync(`/opt/${apart.prefix}${part}`, { recursive: true, force: true });
  clone.remove();
});

it("killed between a container and its record, the next up removes it and goes on", async () => {
  await upKilledWhen(
    "MongoDB is there and not recorded",
    () => isPending("mongo") && docker.id(mongo) !== "",
  );
  expect(isPending("mongo")).toBe(true);
  expect(lockFiles()).toHaveLength(1);
  const orphan = docker.id(mongo);
  // What a kill leaves in one of several runs; here in each.
  writeFileSync(join(state, "stacks/rocketchat/local.json.attrs"), "");

  const up = await finishes();

  expect(up.output).toContain("removed the lock on local");
  expect(up.output).toContain(`removed the container ${mongo}`);
  expect(docker.id(mongo)).not.toBe(orphan);
});

it("killed while a change drains the old server, the next up makes the change", async () => {
  clone.configure([["rocketchat:admin"], { email: "iti@example.org" }]);
  await upKilledWhen("the drain", () => isPending("rocketchat-route", "updating"));
  expect(isPending("rocketchat-route", "updating")).toBe(true);
  const finished = await finishes();
  expect(finished.output).toContain("removed the lock on local");
});

it("a second up and a down are refused while one is at work, and told who holds the stack", async () => {
  clone.configure([["rocketchat:admin"], { email: "again@example.org" }]);
  const first = clone.npm("up");
  await until("the first one holds the lock", () => Promise.resolve(expect(lockFiles()).toHaveLength(1)), 60);
  const [second, down] = await Promise.all([clone.npm("up"), clone.npm("down")]);
  for (const refused of [second, down]) {
    expect(refused.status).toBe(1);
    expect(refused.output).toMatch(
      /stack local: one deployment at a time .*root@.*, process \d+, since \d{4}-/,
    );
  }
  expect((await first).status).toBe(0);
});
