import { describe, expect, it } from "vitest";
import { diagnose, size } from "../commands/status/diagnose";
import { errorLines, inOrder } from "../commands/status/error-lines";
import type { Container, Observation } from "../commands/status/observation";
import { render } from "../commands/status/render";

const mongo: Container = {
  name: "mongodb-shared",
  state: "running",
  health: "healthy",
  restarts: 0,
  exitCode: 0,
  outOfMemory: false,
  memoryKills: 0,
  since: new Date("2026-01-01T00:00:00Z"),
  errors: [],
};
const well: Observation = {
  stack: "local",
  engine: "unix:///var/run/docker.sock",
  containers: [mongo, { ...mongo, name: "rocketchat" }, { ...mongo, name: "traefik" }],
  rooms: [
    { directory: "/opt/mongodb-shared/data", fileSystem: "/dev/sda", leftKib: 5 << 20, allKib: 10 << 20 },
  ],
  replicaSet: { name: "rs0", primary: "mongodb-shared:27017" },
  database: { host: "mongodb-shared", says: "ok" },
  frontDoor: { url: "https://chat.example.org", says: "ok" },
  otherwise: [],
  notes: [],
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
    [
      "was killed for memory and happens to run",
      { memoryKills: 9, restarts: 9 },
      "container mongodb-shared: used up its memory 9 times in the last hour, and it has ended 9 times by itself; raise resources.*.memory; look: docker logs --tail 50 mongodb-shared",
    ],
    [
      "was killed for memory before the engine's latest events",
      { outOfMemory: true },
      "container mongodb-shared: used up its memory at least once since it was started; raise resources.*.memory; look: docker logs --tail 50 mongodb-shared",
    ],
    [
      "ended by itself again and again, and happens to run",
      { restarts: 2, since: new Date() },
      "container mongodb-shared: has ended 2 times by itself, the last time just now; look: docker logs --tail 50 mongodb-shared",
    ],
    ["is paused", { state: "paused" }, "container mongodb-shared: is paused; docker unpause mongodb-shared"],
  ])("names a container that %s", (_, change, fault) => {
    expect(diagnose(withMongo(change))).toEqual([fault]);
  });

  it("says nothing of a container that ended by itself long ago, or once", () => {
    expect(diagnose(withMongo({ restarts: 5, since: new Date(Date.now() - 3_600_000) }))).toEqual([]);
    expect(diagnose(withMongo({ restarts: 1, since: new Date() }))).toEqual([]);
  });

  it("names commands for the stack that it asked", () => {
    const now = new Date("2026-03-01T00:00:00Z");
    const old = { lastCheckAt: "2026-01-01T00:00:00Z", lastCheckResult: "ok" };
    const [missing, check] = diagnose(
      { ...withMongo({ state: "missing" }), stack: "prod", repository: old },
      now,
    );
    expect(missing).toContain("npm run up -- --stack prod,");
    expect(check).toBe(
      "check: must be at most 8 days old (got 59 days ago); mend that, then npm run backup:check -- --stack prod",
    );
  });

  it("names what is not as the last deployment left it", () => {
    const otherwise = ["/opt/rocketchat/.env: is not there; npm run up puts it back"];
    expect(diagnose({ ...well, otherwise })).toEqual(otherwise);
  });

  it("names a disk without room first, then what follows from it", () => {
    const full = {
      ...withMongo({ state: "restarting", exitCode: 14 }),
      rooms: ["/opt/mongodb-shared/data", "/opt/rocketchat/uploads"].map((directory) => ({
        directory,
        fileSystem: "/dev/sda",
        leftKib: 0,
        allKib: 10 << 20,
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

  it("are Rocket.Chat's levels 50 and 60 alone: 51 is what it says as it starts", () => {
    const log = [
      '{"level":50,"time":"2026-01-01T00:00:00.000Z","name":"System","msg":"Failed to connect","err":{"type":"MongoServerSelectionError","message":"connect ECONNREFUSED 172.18.0.2:27017"}}',
      '{"level":51,"name":"Migrations","msg":"Not migrating, already at version 340"}',
      '{"level":51,"name":"System","msg":"SERVER RUNNING"}',
      '{"level":60,"name":"System","msg":"It ends"}',
    ].join("\n");
    expect(errorLines(log, 9)).toEqual([
      "Failed to connect: connect ECONNREFUSED 172.18.0.2:27017",
      "It ends",
    ]);
  });

  it("are the reason in a box, and no box that says that all is well", () => {
    const box = (...lines: string[]) =>
      [
        "+--------------------------+",
        ...lines.map((line) => `|  ${line.padEnd(22)}  |`),
        "+--------------------------+",
      ].join("\n");
    const stopped = box("ERROR! SERVER STOPPED", "", "Your database migration", "failed: locked at 129");
    const running = box("SERVER RUNNING", "error log: none");
    const reason = "ERROR! SERVER STOPPED Your database migration failed: locked at 129";
    expect(errorLines(`${running}\n${stopped}\n`)).toEqual([reason]);
    expect(errorLines(`\u001b[31m${stopped.replaceAll("\n", "\u001b[39m\n\u001b[31m")}`)).toEqual([reason]);
    expect(errorLines(JSON.stringify({ level: 51, msg: `\n${stopped}` }))).toEqual([reason]);
  });

  it("are what Traefik says at its own levels, in colour or as JSON, and not what it only mentions", () => {
    const log = [
      "\u001b[90m2026-12-01T01:46:09Z\u001b[0m \u001b[31mERR\u001b[0m \u001b[1mRouter uses a nonexistent resolver\u001b[0m \u001b[36mrouterName=\u001b[0mx@file",
      "2026-12-01T01:46:10Z INF Testing certificate renew after an error",
      "2026-12-01T01:46:10Z FTL Cannot start entryPoint=web",
      'time="2026-12-01T01:46:11Z" level=info msg="no error"',
      '{"level":"error","error":"open /acme/acme.json: no such file","message":"Unable to obtain ACME certificate"}',
    ].join("\n");
    expect(errorLines(log, 9)).toEqual([
      "2026-12-01T01:46:09Z ERR Router uses a nonexistent resolver routerName=x@file",
      "2026-12-01T01:46:10Z FTL Cannot start entryPoint=web",
      "Unable to obtain ACME certificate: open /acme/acme.json: no such file",
    ]);
  });

  it("keep the newest of those that differ in their time alone", () => {
    const log = "2026-12-01T01:00:00Z ERR one\n2026-12-01T01:00:01Z ERR two\n2026-12-01T01:00:02Z ERR one";
    expect(errorLines(log, 1)).toEqual(["2026-12-01T01:00:02Z ERR one"]);
    expect(errorLines("error: a\nerror: b\nerror: a")).toEqual(["error: b", "error: a"]);
  });

  it("come from both streams in the order in which they were printed", () => {
    const stdout = "2026-01-01T00:00:01.5Z error: one\n2026-01-01T00:00:03.5Z error: three";
    expect(errorLines(inOrder(stdout, "2026-01-01T00:00:02.5Z error: two"), 3)).toEqual([
      "error: one",
      "error: two",
      "error: three",
    ]);
  });

  it("give a terminal no orders, and keep the end of a long line, where the reason is", () => {
    const log = `error: \u001b]0;title\u0007\u001b[2J\u009b31mred\u202e ${"x".repeat(500)} no such host\r`;
    const [line] = errorLines(log);
    expect(line).toMatch(/^error: red x+…x+ no such host$/);
    expect(line).toHaveLength(240);
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

it("shows no control characters of a log", () => {
  const log = "\u001b[31mERROR\u001b[0m disk\u001b]0;owned\u0007 full\rERROR \u009b2Jagain\n";
  expect(errorLines(log)).toEqual(["ERROR disk full", "ERROR again"]);
});
