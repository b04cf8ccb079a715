import { afterEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { compareVersions, faultsOf, megabytes, type Room } from "../commands/restore/checks";
import { loadedWrongly } from "../commands/drill/stage";
import { contentsOf, loadOptions, lostLine, refuseUnloadable } from "../commands/restore/contents";
import { differences, loadFault } from "../commands/restore/database";
import type { Database } from "../commands/restore/collections";
import { type Deployed, undeployed } from "../commands/restore/deployed";
import { finish } from "../commands/restore/finish";
import { detour } from "../commands/restore/front-door";
import type { Journal } from "../commands/restore/journal";
import { ageOf } from "../commands/restore/list";
import { repositoryFault } from "../commands/restore/snapshots";
import { Site } from "../commands/restore/site";
import { type Worker, WorkFailed } from "../commands/restore/worker";
import { hasEnded, thisActor } from "../settings/actor";
import { ownDoor, routeFile } from "../components/front-door/traefik-config";
import { parseSettings } from "../settings/parse";
import { stackConfig } from "./settings-stack-file";
import { ByteSize } from "../settings/units";

const settings = parseSettings({ stack: "prod", config: stackConfig("prod"), secretKeys: new Set() });
const site = new Site({ name: "prod", env: {}, configArgs: [] }, settings);

const manifest = {
  format: 1,
  application: "rocketchat",
  stack: "prod",
  prefix: "",
  hostname: "chat.example.org",
  database: "rocketchat",
  rocketchatVersion: "8.5.3",
  mongodbVersion: "8.0.20",
  projectVersion: "1.0.0",
  storage: "FileSystem",
  startedAt: "",
  finishedAt: "",
  seconds: 1,
  collections: { users: 2, rocketchat_message: 7 },
  uploads: { files: 1, bytes: 100 },
  dump: { bytes: 1000, sha256: "" },
};

/** Of a stack whose settings say so. */
const siteOf = (version: string) =>
  new Site(site.stack, { ...settings, rocketchat: { ...settings.rocketchat, version } });

it.each([
  ["8.5.3", "8.5.3", 0],
  ["8.10.0", "8.9.9", 1],
  ["7.13.1", "8.0.0", -1],
  ["8.0.0", "8.0.0-rc.2", 1],
  ["8.0.0-rc.10", "8.0.0-rc.2", 1],
])("version %s against %s is %i", (one, other, sign) => {
  expect(Math.sign(compareVersions(one, other))).toBe(sign);
});

describe("a snapshot", () => {
  const room = (device: string, neededBytes: number, freeBytes: number, what = "the dump"): Room => ({
    what,
    device,
    neededBytes,
    freeBytes,
  });

  it("fits a stack of its version or a later one, and disks with room", () => {
    expect(faultsOf(manifest, siteOf("8.5.3"), [room("1", 10, 10)])).toEqual([]);
    expect(faultsOf(manifest, siteOf("9.0.0"), [])).toEqual([]);
    expect(faultsOf(manifest, siteOf("8.5.2"), [])).toEqual([
      "rocketchat.version: must be at least the snapshot's, 8.5.3 (got 8.5.2); its migrations have no way back: update the stack first, npm run up -- --stack prod",
    ]);
  });

  it("needs room for all that lies on one disk, and only there", () => {
    expect(faultsOf(manifest, siteOf("8.5.3"), [room("1", 6e6, 1e7), room("2", 6e6, 1e7)])).toEqual([]);
    expect(
      faultsOf(manifest, siteOf("8.5.3"), [room("1", 6e6, 1e7), room("1", 6e6, 1e7, "the uploads")]),
    ).toEqual([
      "disk: must have 12 MB free for the dump and the uploads (got 10 MB); the old data are kept beside the new until the workspace has answered: make room",
    ]);
  });

  it("is loaded when every collection has the number of documents that it had", () => {
    const loaded = (counts: Record<string, number>, type = "collection") =>
      Object.entries(counts).map(([name, count]) => ({ name, type, id: name, count }));
    expect(differences(manifest, loaded({ users: 2, rocketchat_message: 7 }), [])).toEqual([]);
    expect(differences(manifest, loaded({ users: 2, rocketchat_message: 6, other: 1 }), [])).toEqual([
      "rocketchat_message 6 instead of 7",
      "other 1 instead of none",
    ]);
    expect(differences(manifest, loaded({ users: 2 }), [])).toEqual(["rocketchat_message none instead of 7"]);
    expect(differences(manifest, loaded({ users: 2 }), ["rocketchat_message"])).toEqual([]);
    expect(differences({ collections: { "system.views": 1 } }, [], [])).toEqual([]);
    expect(differences({ collections: {} }, loaded({ v: 1 }, "view"), [])).toEqual(["v is a view"]);
  });

  it("fails to load with mongorestore's reason, not with what it says after it", () => {
    const said = `2026-11-28T12:00:00.000+0000\tpreparing collections to restore from
2026-11-28T12:00:01.000+0000\tFailed: rocketchat.users: error restoring: no space left on device
2026-11-28T12:00:01.000+0000\t0 document(s) restored successfully. 2 document(s) failed to restore.
`;
    expect(loadFault(said, 1).message).toBe(
      "mongorestore: must load the dump (ended with 1: rocketchat.users: error restoring: no space left on device)",
    );
    expect(loadFault("Killed\n", 137).message).toContain("ended with 137: Killed");
  });

  it("may have lost documents of a collection where they expire, and nothing else", () => {
    const trash = {
      name: "rocketchat__trash",
      type: "collection",
      id: "t",
      expires: true,
    };
    const then = { collections: { rocketchat__trash: 7 } };
    expect(differences(then, [{ ...trash, count: 5 }], [])).toEqual([]);
    expect(differences(then, [{ ...trash, count: 8 }], [])).toEqual(["rocketchat__trash 8 instead of 7"]);
    expect(differences(then, [{ ...trash, expires: false, count: 5 }], [])).toEqual([
      "rocketchat__trash 5 instead of 7",
    ]);
    expect(differences(then, [], [])).toEqual(["rocketchat__trash none instead of 7"]);
  });
});

describe("what a dump holds", () => {
  const guard = { validator: { $jsonSchema: { required: ["name"] } } };
  const described = [
    { name: "users", type: "collection", options: {} },
    { name: "guarded", type: "collection", options: guard },
    { name: "all* of\\it", type: "view", options: { viewOn: "users", pipeline: [] } },
    { name: "constructor", type: "view", options: { viewOn: "all* of\\it", pipeline: [] } },
    { name: "readings", type: "timeseries", options: { timeseries: { timeField: "at" } } },
    { name: "system.js", type: "collection", options: {} },
    { name: "system.views", type: "collection", options: {} },
  ];
  const contents = contentsOf(described, { leftOut: ["older readings"] });
  const now = (over: Partial<Database> = {}) => ({
    freeBytes: 1,
    mayBypassValidators: true,
    collections: [],
    ...over,
  });

  it("is views by their definitions, what has a validator, and what does not come back, which is named", () => {
    expect(Object.keys(contents.views)).toEqual(["all* of\\it", "constructor"]);
    expect(contents).toMatchObject({ validated: ["guarded"], timeSeries: ["readings"] });
    expect(contents.lost).toEqual(["older readings", "readings", "system.js"]);
    expect(lostLine(contents)).toMatch(/^not brought back: older readings, readings, system\.js \(/);
    expect(lostLine(contentsOf(described.slice(0, 3), {}))).toBeUndefined();
  });

  it("is loaded without what cannot bear another name, and past validators", () => {
    expect(loadOptions("rocketchat", contents, Object.keys(contents.views))).toEqual([
      "--bypassDocumentValidation",
      "--nsExclude=rocketchat.all\\* of\\\\it",
      "--nsExclude=rocketchat.constructor",
    ]);
    expect(loadOptions("rocketchat", contentsOf(described.slice(0, 1), {}), [])).toEqual([]);
  });

  it("is refused before anything is closed, where it could not be put in its place", () => {
    const series = (name: string) => ({ name, type: "timeseries", id: "undefined" });
    expect(() => {
      refuseUnloadable(contents, manifest, now({ collections: [series("readings"), series("more")] }), site);
    }).not.toThrow();
    expect(() => {
      refuseUnloadable(contents, manifest, now({ collections: [series("users")] }), site);
    }).toThrow(/^collection users: must be none, or an ordinary one \(got a time series, /);
    expect(() => {
      refuseUnloadable(contents, manifest, now({ mayBypassValidators: false }), site);
    }).toThrow(
      "mongo.user: must be allowed to load documents that are older than their collection's validator (got rocketchat without bypassDocumentValidation, and guarded); deploy first, which allows it: npm run up -- --stack prod",
    );
  });

  it("is rehearsed by a drill: every document and every view, and not what does not come back", () => {
    const loaded = (name: string, count: number) => ({
      name,
      type: "collection",
      id: name,
      count,
      expires: true,
    });
    const view = (name: string) => ({ name, type: "view", id: "undefined" });
    const found = [loaded("users", 2), loaded("rocketchat_message", 7), view("constructor")];
    expect(loadedWrongly(manifest, contents, [...found, view("all* of\\it")])).toEqual([]);
    expect(loadedWrongly(manifest, contents, found)).toEqual(["no view all* of\\it"]);
    expect(loadedWrongly(manifest, contents, found.slice(1))).toEqual([
      "users none instead of 2",
      "no view all* of\\it",
    ]);
  });
});

describe("what runs", () => {
  const route = JSON.stringify({
    http: { services: { rocketchat: { loadBalancer: { servers: [{ url: "http://rocketchat-1:3000" }] } } } },
  });
  const { image } = settings.rocketchat;
  const runs = (over: { image?: string; uploads?: string; aliases?: string[] | null } = {}): Deployed => ({
    Config: { Image: over.image ?? image },
    Mounts: [
      { Source: over.uploads ?? "/opt/rocketchat/uploads", Destination: "/app/uploads" },
      { Source: "/opt/rocketchat/data", Destination: "/app/data" },
    ],
    NetworkSettings: {
      Networks: {
        edge: { Aliases: over.aliases === undefined ? ["rocketchat-1", "rocketchat"] : over.aliases },
        data: { Aliases: null },
      },
    },
  });

  it("is what the settings say, or they must be deployed first", () => {
    expect(undeployed(site, runs(), route)).toBeUndefined();
    expect(undeployed(site, runs({ aliases: null }), undefined)).toBeUndefined();
    expect(undeployed(site, undefined, route)).toBe("container rocketchat: must be there (got none)");
    expect(undeployed(site, runs({ image: "other:1" }), route)).toBe(
      `rocketchat.image: must be what runs (got ${image} in the settings, and other:1 in rocketchat)`,
    );
    expect(undeployed(site, runs({ uploads: "/srv/uploads" }), route)).toBe(
      "directory of the uploads: must be what runs (got /opt/rocketchat/uploads in the settings, and /srv/uploads in rocketchat)",
    );
    expect(undeployed(site, runs({ aliases: ["rocketchat-0"] }), route)).toBe(
      "route of rocketchat: must lead to its container (got rocketchat-1, as an interrupted deployment leaves it)",
    );
  });
});

it("a route leads all its requests to the page, and says whose it is as before", () => {
  const route = {
    name: "rocketchat",
    hostname: "chat.example.org",
    server: "rocketchat-1",
    port: 3000,
    maxUpload: ByteSize.mebibytes(100),
  };
  const text = detour(
    `# mark\n${JSON.stringify(routeFile(route, ownDoor(false, 1000)))}`,
    "http://page:8080",
  );
  expect(text.split("\n")[0]).toBe("# mark");
  expect(text).not.toContain("rocketchat-1");
  expect(parse(text)).toMatchObject({
    http: {
      routers: { rocketchat: { rule: "Host(`chat.example.org`)", service: "rocketchat" } },
      services: { rocketchat: { loadBalancer: { servers: [{ url: "http://page:8080" }] } } },
    },
  });
});

it.each([
  [10, "repository: must be there (restic ended with 10); nothing was changed; see where"],
  [124, "repository: must answer within 2 minutes (restic ended with 124); nothing was changed; see whether"],
  [12, "repository: must open with the repository password of this host (restic ended with 12); "],
  [
    1,
    "repository: must be whole and in reach (restic ended with 1); nothing was changed; look closer: npm run backup:check -- --stack prod",
  ],
])("restic's status %i is told with its fix", (status, line) => {
  expect(repositoryFault(new WorkFailed("said", status), site).message).toContain(line);
});

it("a store that refuses is quoted, and what was interrupted is not taken for damaged", () => {
  const tries =
    "Stat(<config/>) returned error, retrying after 550ms: Stat: The specified bucket does not exist\n";
  expect(repositoryFault(new WorkFailed(tries, 124), site).message).toBe(
    "repository: must let this host in within 2 minutes (its store says: Stat: The specified bucket does not exist); nothing was changed; correct its keys, its address or what is wrong there",
  );
  const interrupted = "signal interrupt received, cleaning up\nFatal: cannot dump file: context canceled";
  expect(repositoryFault(new WorkFailed(interrupted, 1), site).message).toContain(
    "repository: must be read to the end (restic ended with 1); run the command again",
  );
});

it.each([64, 75])("status %i is not restic's: its script has said all", (status) => {
  expect(repositoryFault(new WorkFailed("said", status), site).message).toBe("said");
});

it("an age is told as people say it", () => {
  const now = Date.parse("2026-11-25T12:00:00Z");
  const ages = ["11:59:00", "10:30:00", "02:00:00"].map((time) =>
    ageOf(new Date(`2026-11-25T${time}Z`), now),
  );
  expect(ages).toEqual(["1 min", "90 min", "10 h"]);
  expect(ageOf(new Date("2026-11-18T12:00:00Z"), now)).toBe("7 days");
  expect([megabytes(1_500_000), megabytes(25_000_000)]).toEqual(["1.5 MB", "25 MB"]);
});

it("a process of another machine is never taken for one that has ended", () => {
  expect(hasEnded(thisActor)).toBe(false);
  expect(hasEnded({ ...thisActor, pid: 2 ** 22 - 1 })).toBe(true);
  // The number has gone to another one since.
  expect(hasEnded({ ...thisActor, timestamp: "2020-01-01T00:00:00Z" })).toBe(true);
  expect(hasEnded({ ...thisActor, host: "elsewhere", pid: 2 ** 22 - 1 })).toBe(false);
});

describe("a restore whose Rocket.Chat does not come back when the setup wizard is closed", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("fails with the old data kept, so that there is a way back", async () => {
    vi.spyOn(console, "log").mockReturnValue(undefined);
    const own = new Site(site.stack, settings);
    const { host } = own;
    const scripts: string[] = [];
    vi.spyOn(host, "docker").mockResolvedValue("");
    vi.spyOn(host, "node").mockResolvedValue({ status: 0, stdout: "", stderr: "" });
    vi.spyOn(host, "script").mockImplementation((script) => Promise.resolve((scripts.push(script), "")));
    vi.spyOn(host, "try").mockImplementation(() => Promise.resolve({ status: 0, stdout: "", stderr: "" }));
    vi.spyOn(host, "local").mockResolvedValue({ status: 1, stdout: "", stderr: "no answer in 600 s\n" });
    const worked: string[] = [];
    const worker = {
      sh: (script: string) => Promise.resolve((worked.push(script), "")),
      mongosh: (script: string) => Promise.resolve(worked.push(script)),
    } as unknown as Worker;
    const journal: Journal = {
      stack: "prod",
      phase: "starting",
      snapshot: "1",
      parts: ["database"],
      startedAt: "",
      by: thisActor,
    };
    await expect(finish(worker, own, journal)).rejects.toThrow("no answer in 600 s");
    // No journal of a later phase, no collection dropped, no journal removed.
    expect([...scripts, ...worked]).toEqual([]);
  });
});
