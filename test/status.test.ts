import { describe, expect, it } from "vitest";
import { diagnose, size } from "../ops/lib/status/diagnose";
import { errorLines } from "../ops/lib/status/error-lines";
import type { Container, Observation } from "../ops/lib/status/observation";
import { render } from "../ops/lib/status/render";

const mongo: Container = {
  name: "mongodb-shared",
  state: "running",
  health: "healthy",
  restarts: 0,
  exitCode: 0,
  outOfMemory: false,
  since: new Date("2026-01-01T00:00:00Z"),
  errors: [],
};
const well: Observation = {
  engine: "unix:///var/run/docker.sock",
  containers: [mongo, { ...mongo, name: "rocketchat" }, { ...mongo, name: "traefik" }],
  rooms: [
    { directory: "/opt/mongodb-shared/data", fileSystem: "/dev/sda", leftKib: 5 << 20, allKib: 10 << 20 },
  ],
  replicaSet: { name: "rs0", primary: "mongodb-shared:27017" },
  database: { host: "mongodb-shared", says: "ok" },
  frontDoor: { url: "https://chat.example.org", says: "ok" },
};
const withMongo = (change: Partial<Container>): Observation => ({
  ...well,
  containers: [{ ...mongo, ...change }, ...well.containers.slice(1)],
});

describe("npm run status", () => {
  it("finds nothing wrong with a service that is well", () => {
    expect(diagnose(well)).toEqual([]);
  });

  it("tells what the last check of the repository found, and that it is damaged", () => {
    const lastCheckAt = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const checked = (lastCheckResult: string) => ({ ...well, repository: { lastCheckAt, lastCheckResult } });
    expect(diagnose(checked("ok"))).toEqual([]);
    expect(render(checked("ok"))).toContain("last check: 3 hours ago: ok");
    expect(diagnose(checked("pack 0a1b is missing"))).toEqual([
      "repository: must be whole (got pack 0a1b is missing); see docs/backup.md, and make a backup elsewhere meanwhile",
    ]);
  });

  it("names an engine that does not answer, and nothing that follows from it", () => {
    const silent = {
      ...well,
      containers: [],
      engineSilent: "Cannot connect to the Docker daemon at unix://",
    };
    expect(diagnose(silent)).toEqual([
      "engine: must be running (nothing answers on its socket) (got unix:///var/run/docker.sock); on that host, as root: systemctl start docker",
    ]);
  });

  it.each<[string, Partial<Container>, string]>([
    [
      "is missing",
      { state: "missing" },
      "container mongodb-shared: is not there; deploy the stack again with npm run up, which makes what is missing",
    ],
    [
      "was stopped",
      { state: "exited", exitCode: 137 },
      "container mongodb-shared: does not run (exited, exit status 137); if nobody stopped it on purpose: docker start mongodb-shared",
    ],
    [
      "used up its memory",
      { state: "restarting", outOfMemory: true },
      "container mongodb-shared: ends again and again (killed because its memory was used up; raise resources.*.memory); look: docker logs --tail 50 mongodb-shared",
    ],
    [
      "ends again and again",
      { state: "restarting", exitCode: 14, errors: ["first", "No space left on device"] },
      "container mongodb-shared: ends again and again (exit status 14, last: No space left on device); look: docker logs --tail 50 mongodb-shared",
    ],
    [
      "is unhealthy",
      { health: "unhealthy", healthSays: "wget: server returned error" },
      "container mongodb-shared: is unhealthy (wget: server returned error); look: docker logs --tail 50 mongodb-shared",
    ],
    [
      "is starting",
      { health: "starting" },
      "container mongodb-shared: is still starting; wait a minute and look again",
    ],
    [
      "ended and is starting again",
      { health: "starting", restarts: 2, errors: ["disk quota exceeded"] },
      "container mongodb-shared: has ended 2 times and is starting again, last: disk quota exceeded; look: docker logs --tail 50 mongodb-shared",
    ],
    ["is paused", { state: "paused" }, "container mongodb-shared: is paused; docker unpause mongodb-shared"],
  ])("names a container that %s", (_, change, fault) => {
    expect(diagnose(withMongo(change))).toEqual([fault]);
  });

  it("names a disk without room first, then what follows from it", () => {
    const full = {
      ...withMongo({ state: "restarting", exitCode: 14 }),
      rooms: ["/opt/mongodb-shared/data", "/opt/rocketchat/uploads"].map((directory) => ({
        ...{ directory, fileSystem: "/dev/sda", leftKib: 0, allKib: 10 << 20 },
      })),
      replicaSet: { name: "rs0" },
      database: { host: "mongodb-shared", says: "getaddrinfo ENOTFOUND mongodb-shared" },
      frontDoor: { url: "https://chat.example.org", says: "no answer within 10 s" },
    };
    const faults = diagnose(full);
    expect(faults.map((fault) => fault.split(":")[0])).toEqual([
      "room in /opt/mongodb-shared/data and /opt/rocketchat/uploads",
      "container mongodb-shared",
      "database",
      "front door",
    ]);
    expect(faults[0]).toBe(
      "room in /opt/mongodb-shared/data and /opt/rocketchat/uploads: must be 256 MiB or more (got 0 KiB of 10 GiB); make room on that disk, the service then goes on by itself within 2 minutes",
    );
  });

  it("names a replica set without a primary, while its server runs", () => {
    expect(diagnose({ ...well, replicaSet: { name: "rs0" } })).toEqual([
      "replica set rs0: has no primary; look: docker logs --tail 50 mongodb-shared",
    ]);
  });

  it("says when the disks could not be asked", () => {
    expect(diagnose({ ...well, rooms: [], roomsUnknown: "docker: no space left on device" })[0]).toMatch(
      /^room on the disks: could not be asked \(docker: no space left on device\); /,
    );
  });

  it("shows each container, directory and way in", () => {
    const text = render(
      { ...well, containers: [{ ...mongo, errors: ["it broke"] }] },
      new Date("2026-01-01T05:00:00Z"),
    );
    expect(text).toMatch(/^mongodb-shared +running +healthy +5 h +0$/m);
    expect(text).toMatch(/^\/opt\/mongodb-shared\/data +5 GiB +10 GiB$/m);
    expect(text).toMatch(/^replica set rs0 +primary mongodb-shared:27017$/m);
    expect(text).toMatch(/^front door +https:\/\/chat\.example\.org: ok$/m);
    expect(text).toContain("last errors of mongodb-shared, of the last 10 minutes:\n  it broke");
  });
});

describe("the errors in a log", () => {
  it("are mongod's lines of severity E and F, with WiredTiger's reason first", () => {
    const log = [
      '{"t":{"$date":"2026-01-01T00:00:00Z"},"s":"I","c":"NETWORK","msg":"Connection error ended"}',
      '{"t":{"$date":"2026-01-01T00:00:00Z"},"s":"E","c":"WT","msg":"WiredTiger error message","attr":{"error":28,"message":{"msg":"pwrite: failed","error_str":"No space left on device"}}}',
      '{"t":{"$date":"2026-01-01T00:00:00Z"},"s":"F","c":"-","msg":"Fatal assertion","attr":{"msgid":50853}}',
    ].join("\n");
    expect(errorLines(log)).toEqual([
      "WiredTiger error message: No space left on device: pwrite: failed",
      'Fatal assertion: {"msgid":50853}',
    ]);
  });

  it("are Rocket.Chat's entries of level 50, and lines that speak of an error, not the stack below them", () => {
    const log = [
      '{"level":30,"msg":"no error"}',
      '{"level":50,"msg":"Failed","err":{"message":"Server selection timed out"}}',
      "GET /api/info: MongoServerSelectionError: timed out",
      "    at Error (main.js:1)",
    ].join("\n");
    expect(errorLines(log)).toEqual([
      "Failed: Server selection timed out",
      "GET /api/info: MongoServerSelectionError: timed out",
    ]);
  });

  it("are shown once each, cut, and without a password", () => {
    const log = `error: mongodb://chat:hunter2@mongo/chat\n${"error ".repeat(100)}\n${"error ".repeat(100)}`;
    const [first, second, ...more] = errorLines(log, 5);
    expect(first).toBe("error: mongodb://chat:…@mongo/chat");
    expect(second).toHaveLength(240);
    expect(more).toEqual([]);
  });
});

describe("a size", () => {
  it.each([
    [0, "0 KiB"],
    [1536, "1.5 MiB"],
    [256 * 1024, "256 MiB"],
    [252 * 1024 * 1024, "252 GiB"],
  ])("of %d KiB is %s", (kib, text) => {
    expect(size(kib)).toBe(text);
  });
});
