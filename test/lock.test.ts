import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unfinishedIn } from "../commands/state/interrupted";
import { isStale, locksOn, refuseHeld } from "../commands/state/lock";
import type { Stack } from "../commands/stack/stack";

const now = () => new Date().toISOString();
const lock = { file: "", pid: process.pid, username: "ana", hostname: hostname(), timestamp: now() };
const ended = () => spawnSync("true").pid;
const prod: Stack = { name: "prod", env: {}, configArgs: [] };

describe("a lock", () => {
  it("is stale when its process on this host has ended", () => {
    expect(isStale({ ...lock, pid: ended() })).toBe(true);
  });

  it("is stale when its process began after it was taken: the number was given away again", () => {
    expect(isStale({ ...lock, timestamp: "2020-01-01T00:00:00Z" })).toBe(true);
  });

  it("is held while its process lives", () => {
    expect(isStale(lock)).toBe(false);
  });

  it("of another host is never called stale", () => {
    expect(isStale({ ...lock, pid: ended(), hostname: "elsewhere" })).toBe(false);
  });

  it("whose writing was cut off is one for Pulumi, and stale after two seconds", async () => {
    const backend = mkdtempSync(join(tmpdir(), "rocketchat-locks-"));
    const directory = join(backend, ".pulumi/locks/organization/rocketchat/prod");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "a.json.18eb2d7c.tmp"), "");
    writeFileSync(join(directory, "b.json.18eb2d7d.tmp"), JSON.stringify({ ...lock, pid: ended() }));
    writeFileSync(join(directory, "b.json.attrs"), "{}");
    const pulumi = join(backend, "pulumi");
    writeFileSync(pulumi, `#!/bin/sh\necho '{"url":"file://${backend}"}'\n`, { mode: 0o755 });

    const found = await locksOn({ ...prod, env: { PATH: `${backend}:${process.env["PATH"]}` } });
    rmSync(backend, { recursive: true });

    expect(found.map(isStale)).toEqual([false, true]);
    expect(isStale({ ...found[0]!, timestamp: new Date(Date.now() - 3000).toISOString() })).toBe(true);
  });

  it("that is held says who, since when, and what to do", () => {
    const held = { ...lock, pid: 42, hostname: "elsewhere", timestamp: "2026-01-02T03:04:05Z" };
    expect(() => refuseHeld(prod, held)).toThrow(
      "stack prod: one deployment at a time (got a second one, while ana@elsewhere, process 42, since 2026-01-02T03:04:05Z is at work); " +
        "wait until it has ended; if that process is gone from elsewhere, run: npm run pulumi -- --stack prod cancel",
    );
  });
});

describe("what was being made when a deployment was killed", () => {
  const provider = {
    urn: "urn:engine",
    type: "pulumi:providers:docker",
    id: "1",
    inputs: { host: "unix:///e" },
  };
  const container = {
    urn: "urn:mongo",
    type: "docker:index/container:Container",
    inputs: { name: "mongodb-shared" },
    provider: "urn:engine::1",
  };
  const unfinished = (type: string, resource: object) =>
    unfinishedIn({
      resources: [provider],
      pending_operations: [{ type, resource: { ...container, ...resource } }],
    });

  it("is a container or a network by its name, on the engine of its provider", () => {
    expect(unfinished("creating", {})).toEqual([
      { kind: "container", name: "mongodb-shared", engine: "unix:///e" },
    ]);
    expect(unfinished("creating", { type: "docker:index/network:Network" })).toMatchObject([
      { kind: "network" },
    ]);
  });

  it.each(["deleting", "updating", "reading"])("is nothing that was %s", (type) => {
    expect(unfinished(type, {})).toEqual([]);
  });

  it("is no command, which checks before it acts", () => {
    expect(unfinished("creating", { type: "command:local:Command" })).toEqual([]);
  });
});
