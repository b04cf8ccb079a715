import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { bundleOf } from "../engine/bundle";
import type { Recorded } from "../commands/state/checkpoint";
import { compare as compareFor } from "../commands/drift/compare";
import { told } from "../commands/drift/difference";
import { expectedBy } from "../commands/drift/expected";
import { filesIn, type Seen, type SeenContainer, type SeenFile } from "../commands/drift/look";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const secret = (value: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const encrypted = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:x",
};
const record = (type: string, name: string, more: Partial<Recorded>): Recorded => ({
  urn: `urn:pulumi:prod::rocketchat::${type}::${name}`,
  type,
  custom: true,
  ...more,
});
const step = (
  name: string,
  script: string,
  environment: Record<string, string>,
  more: { stdin?: unknown; stdout?: unknown } = {},
) =>
  record("command:local:Command", name, {
    inputs: {
      create: `sh scripts/host/helper.sh ${script}`,
      environment,
      ...("stdin" in more && { stdin: more.stdin }),
    },
    outputs: { stdout: more.stdout ?? "" },
  });

const scripts = bundleOf({ "a.sh": "echo a\n", "b.sh": "echo b" });
const chatId = "c".repeat(64);
const dataId = "d".repeat(64);
const state: Recorded[] = [
  record("pulumi:pulumi:Stack", "rocketchat-prod", {}),
  record("pulumi:providers:docker", "engine", { inputs: { host: "unix:///var/run/docker.sock" } }),
  record("docker:index/remoteImage:RemoteImage", "helper-image", { inputs: { name: "busybox:1" } }),
  record("docker:index/network:Network", "data", { id: dataId, inputs: { name: "data" } }),
  record("docker:index/container:Container", "rocketchat", {
    id: chatId,
    inputs: {
      name: "rocketchat",
      networksAdvanced: [{ name: "data", aliases: ["rocketchat", "rocketchat-1"] }],
      volumes: [{ hostPath: "/opt/rocketchat/.env" }, { hostPath: "/opt/rocketchat/uploads" }],
      restart: "always",
      memory: 1024,
      memorySwap: 1024,
      cpus: "1.5",
    },
  }),
  record("command:local:Command", "rocketchat-pids", {
    inputs: { create: "sh scripts/host/limit-pids.sh", environment: { CONTAINER_ID: chatId, PIDS: "512" } },
  }),
  step(
    "rocketchat-env",
    "scripts/host/write-file.sh",
    { FILE: "/opt/rocketchat/.env", MODE: "0600", OWNER_IMAGE: "chat:1" },
    { stdin: secret("MONGO_URL=x\n") },
  ),
  step("storage-uploads", "scripts/host/directory.sh", {
    DIRECTORY: "/opt/rocketchat/uploads",
    MODE: "0750",
    OWNER_IMAGE: "chat:1",
  }),
  step(
    "keyfile",
    "scripts/host/keep-secret.sh",
    { DIRECTORY: "/opt/mongo/secrets", NAME: "keyfile", GENERATION: "1" },
    { stdin: secret("proposed"), stdout: secret("kept") },
  ),
  step("keyfile-owner", "scripts/host/own-file.sh", {
    FILE: "/opt/mongo/secrets/keyfile",
    MODE: "0400",
    OWNER_IMAGE: "mongo:8",
    OWNER_USER: "mongodb",
  }),
  step(
    "scripts",
    "scripts/host/unpack.sh",
    { DIRECTORY: "/opt/rocketchat/backup/scripts", ...scripts.variables },
    { stdin: scripts.text },
  ),
  step("old", "scripts/host/write-file.sh", { FILE: "/opt/old", MODE: "0600", OWNER: "0:0" }, { stdin: "x" }),
];
state.at(-1)!.delete = true;

const container = (change: Record<string, unknown> = {}): SeenContainer => ({
  Id: chatId,
  Name: "/rocketchat",
  State: { Status: "running", StartedAt: "2026-01-01T00:00:00Z" },
  HostConfig: {
    RestartPolicy: { Name: "always" },
    Memory: 1 << 30,
    MemorySwap: 1 << 30,
    NanoCpus: 1.5e9,
    CpuShares: 0,
    PidsLimit: 512,
    ...(change["limits"] as object | undefined),
  },
  NetworkSettings: {
    Networks: { data: { NetworkID: dataId, Aliases: ["rocketchat", "rocketchat-1", "cccccccccccc"] } },
  },
  ...change,
});
const file = (content: string, owner: string, mode: string, more: Partial<SeenFile> = {}): SeenFile => ({
  kind: "file",
  owner,
  mode,
  written: 0,
  sha256: sha256(content),
  trimmedSha256: sha256(content.trimEnd()),
  ...more,
});
const directory = (owner: string, mode: string): SeenFile => ({
  ...file("", owner, mode),
  kind: "directory",
});
const missing: SeenFile = { ...file("", "", ""), kind: "missing" };

function seen(
  files: Record<string, SeenFile> = {},
  chat: SeenContainer | null = container(),
  networks: Record<string, string> = { data: dataId },
): Seen {
  const all = {
    "/opt/rocketchat/.env": file("MONGO_URL=x\n", "1000:1000", "600"),
    "/opt/rocketchat/uploads": directory("1000:1000", "750"),
    "/opt/mongo/secrets": directory("0:0", "700"),
    "/opt/mongo/secrets/keyfile": file("kept\n", "999:999", "400"),
    "/opt/rocketchat/backup/scripts/a.sh": file("echo a\n", "0:0", "644"),
    "/opt/rocketchat/backup/scripts/b.sh": file("echo b\n", "0:0", "644"),
    ...files,
  };
  return {
    containers: new Map(chat === null ? [] : [["rocketchat", chat]]),
    networks: new Map(Object.entries(networks)),
    files: new Map(Object.entries(all)),
    owners: new Map([
      ["@chat:1", "1000:1000"],
      ["mongodb@mongo:8", "999:999"],
    ]),
    limits: { memory: true, swap: true, pids: true, cpuShares: true },
  };
}

const expected = expectedBy(state)!;
const compare = (of: typeof expected, found: Seen) => compareFor(of, found, "local");
const weighed = {
  ...expected,
  containers: expected.containers.map((known) => ({ ...known, limits: { ...known.limits, cpuShares: 64 } })),
};
const differences = (...args: Parameters<typeof seen>) => compare(expected, seen(...args));
const lines = (...args: Parameters<typeof seen>) =>
  differences(...args).map((difference) => told(difference, "npm run up"));

describe("an engine and its host", () => {
  it("are as the state says when nobody touched them", () => {
    expect(lines()).toEqual([]);
  });

  it("are not compared where nothing was ever deployed", () => {
    expect(expectedBy([])).toBe(undefined);
  });

  it.each<[string, Parameters<typeof seen>, string[]]>([
    [
      "a file that is gone",
      [{ "/opt/rocketchat/.env": missing }],
      ["/opt/rocketchat/.env: is not there; npm run up puts it back"],
    ],
    [
      "a file's content, mode and owner, with both values",
      [{ "/opt/rocketchat/.env": file("other", "0:0", "644", { written: 2e9 }) }],
      [
        `/opt/rocketchat/.env: has other content (sha256 ${sha256("other").slice(0, 12)} where ${sha256("MONGO_URL=x\n").slice(0, 12)} was written) ` +
          "and has mode 644 where 600 was set and belongs to 0:0 where 1000:1000 was set; npm run up puts it back",
      ],
    ],
    [
      "a file that the container was started on",
      [{ "/opt/rocketchat/.env": file("other", "1000:1000", "600", { written: 1 }) }],
      [
        expect.stringMatching(/^\/opt\/rocketchat\/\.env: has other content /) as string,
        "container rocketchat: was started after /opt/rocketchat/.env was changed; npm run up restarts it",
      ],
    ],
    [
      "one script of a bundle",
      [{ "/opt/rocketchat/backup/scripts/b.sh": file("rm -rf /\n", "0:0", "644") }],
      [expect.stringMatching(/^\/opt\/rocketchat\/backup\/scripts\/b\.sh: has other content/) as string],
    ],
    [
      "the owner that a later step gave a secret",
      [{ "/opt/mongo/secrets/keyfile": file("kept", "0:0", "400") }],
      ["/opt/mongo/secrets/keyfile: belongs to 0:0 where 999:999 was set; npm run up puts it back"],
    ],
    [
      "a directory of data that is gone while its container is there: nothing is made in its place",
      [{ "/opt/rocketchat/uploads": missing }],
      [
        expect.stringMatching(
          /^\/opt\/rocketchat\/uploads: is not there; what was in it is not there either/,
        ) as string,
      ],
    ],
    [
      "a container that is gone",
      [{}, null],
      ["container rocketchat: is not there; npm run up makes it anew"],
    ],
    [
      "a container that was stopped",
      [{}, container({ State: { Status: "exited", StartedAt: "2026-01-01T00:00:00Z" } })],
      ["container rocketchat: does not run (exited); npm run up starts it"],
    ],
    [
      "a container that is paused",
      [{}, container({ State: { Status: "paused", StartedAt: "2026-01-01T00:00:00Z" } })],
      ["container rocketchat: is paused; npm run up starts it"],
    ],
    [
      "a container that somebody made anew",
      [{}, container({ Id: "e".repeat(64) })],
      [
        "container rocketchat: is another one than the deployment made; see npm run recover, which takes it over",
      ],
    ],
    [
      "a network that a container is not on",
      [{}, container({ NetworkSettings: { Networks: {} } })],
      ["container rocketchat: is not on the network data; npm run up joins it again"],
    ],
    [
      "a network that it is on without a name, and one too many",
      [
        {},
        container({
          NetworkSettings: {
            Networks: {
              data: { NetworkID: dataId, Aliases: ["rocketchat"] },
              bridge: { NetworkID: "b", Aliases: null },
            },
          },
        }),
      ],
      [
        "container rocketchat: is on the network data without its name rocketchat-1; npm run up joins it again",
        "container rocketchat: is on the network bridge as well; if nobody needs that: docker network disconnect bridge rocketchat",
      ],
    ],
    [
      "a network that is gone, with the container that cannot go on without it",
      [{}, container(), {}],
      [
        "network data: is not there; npm run up makes it anew",
        "container rocketchat: was on the network data, which is gone; npm run up makes it anew",
      ],
    ],
    [
      "limits and restart policy",
      [
        {},
        container({ limits: { RestartPolicy: { Name: "no" }, Memory: 5, NanoCpus: 5e8, PidsLimit: null } }),
      ],
      [
        "container rocketchat: restart policy is no where always was set and memory is 5 where 1073741824 was set " +
          "and processors is 0.5 where 1.5 was set and processes at most is 0 where 512 was set; npm run up sets it back",
      ],
    ],
  ])("tell %s", (_, args, told) => {
    expect(lines(...args)).toEqual(told);
  });

  it("name the stack in what they advise", () => {
    const another = seen({}, container({ Id: "e".repeat(64) }));
    const [first] = compareFor(expected, another, "prod");
    expect(told(first!, "npm run up -- --stack prod")).toContain(
      "; see npm run recover -- --stack prod, which",
    );
  });

  it("tell an own container that is gone before what a directory without it means", () => {
    const [first] = differences({ "/opt/rocketchat/uploads": missing }, null);
    expect(first?.mend.kind).toBe("write");
  });

  it.each([
    ["memory", { Memory: 0, MemorySwap: -1 }],
    ["swap", { MemorySwap: -1 }],
    ["pids", { PidsLimit: null }],
    ["cpuShares", { CpuShares: 0 }],
  ])("do not differ in %s where the engine drops that limit", (limit, dropped) => {
    const found = seen({}, container({ limits: { CpuShares: 64, ...dropped } }));
    expect(compare(weighed, { ...found, limits: { ...found.limits, [limit]: false } })).toEqual([]);
    expect(compare(weighed, found)).toHaveLength(1);
  });

  it("give the engine both limits of memory at once, for one alone may be refused", () => {
    const [{ mend } = { mend: undefined }] = differences({}, container({ limits: { Memory: 5 } }));
    expect(mend).toMatchObject({ flags: ["--memory=1073741824", "--memory-swap=1073741824"] });
  });
});

describe("a secret on the host", () => {
  const path = "/opt/mongo/secrets/keyfile";

  it("goes back as the host answered last, not as it was proposed first, and by every step that touches it", () => {
    const [{ mend } = { mend: undefined }] = differences({ [path]: missing });
    if (mend?.kind !== "write") throw new Error("must be written");
    expect(mend.file.steps.map(({ create, stdin }) => [create.split("/").at(-1), stdin])).toEqual([
      ["keep-secret.sh", "kept"],
      ["own-file.sh", undefined],
    ]);
    expect(mend.setAside).toBe(false);
  });

  it("keeps what stands in its place", () => {
    const [{ mend } = { mend: undefined }] = differences({ [path]: file("tampered", "999:999", "400") });
    expect(mend).toMatchObject({ kind: "write", setAside: true });
  });

  it("is left as it is while a new value waits, and where the host knows of another generation", () => {
    const other = file("older", "999:999", "400");
    expect(lines({ [path]: other, [`${path}.next`]: file("kept", "0:0", "400") })).toEqual([]);
    const [{ mend } = { mend: undefined }] = differences({
      [path]: other,
      [`${path}.generation`]: file("2\n", "0:0", "600"),
    });
    expect(mend?.kind).toBe("leave");
    const [known] = differences({ [path]: other, [`${path}.generation`]: file("1\n", "0:0", "600") });
    expect(known?.mend.kind).toBe("write");
  });

  it("may have a line end that is not part of it", () => {
    expect(lines({ [path]: file("kept\n\n", "999:999", "400") })).toEqual([]);
  });

  it("is compared by owner and mode alone where the state could not be decrypted, and is not written", () => {
    const unread = expectedBy(
      JSON.parse(
        JSON.stringify(state).replaceAll(JSON.stringify(secret("kept")), JSON.stringify(encrypted)),
      ) as Recorded[],
    )!;
    expect(compare(unread, seen({ [path]: file("any", "999:999", "400") }))).toEqual([]);
    expect(compare(unread, seen({ [path]: missing })).map(({ mend }) => mend.kind)).toEqual(["leave"]);
  });

  it("and what a step of encrypted input made is left alone: that step would run with nothing", () => {
    const unread = expectedBy(
      JSON.parse(
        JSON.stringify(state).replace(/\{[^{}]*"plaintext":"[^}]*\}/g, JSON.stringify(encrypted)),
      ) as Recorded[],
    )!;
    const [env, secrets] = ["/opt/rocketchat/.env", "/opt/mongo/secrets"];
    for (const change of [
      { [env]: missing },
      { [env]: file("any", "1000:1000", "644") },
      { [secrets]: missing },
      { [secrets]: directory("0:0", "755") },
      { [path]: file("any", "0:0", "400") },
    ])
      expect(compare(unread, seen(change)).map(({ mend }) => mend)).toEqual([
        { kind: "leave", advice: "the state's value could not be read: set the stack's passphrase" },
      ]);
    expect(compare(unread, seen({ [env]: file("any", "1000:1000", "600") }))).toEqual([]);
  });
});

describe("scripts that release 0.3.0 wrote", () => {
  const older = expectedBy([
    ...state.filter(({ urn }) => !urn.endsWith("::scripts")),
    step(
      "scripts",
      "scripts/host/unpack.sh",
      { DIRECTORY: "/opt/rocketchat/backup/scripts", NAMES: "a.sh b.sh", PASS: "DIRECTORY NAMES" },
      { stdin: "#:file a.sh\necho a\n#:file b.sh\necho b\n" },
    ),
  ])!;

  it("are compared by their content", () => {
    expect(compare(older, seen())).toEqual([]);
    const path = "/opt/rocketchat/backup/scripts/a.sh";
    expect(compare(older, seen({ [path]: file("rm\n", "0:0", "644") })).map(({ what }) => what)).toEqual([
      path,
    ]);
  });
});

describe("scripts/host/look.sh", () => {
  const root = mkdtempSync(join(tmpdir(), "rocketchat-drift-"));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("tells of files what they are, without what is in them, and follows no link in their place", () => {
    mkdirSync(join(root, "opt"));
    writeFileSync(join(root, "opt/secret"), "hunter2\n");
    utimesSync(join(root, "opt/secret"), 1000, 1000);
    chmodSync(join(root, "opt/secret"), 0o640);
    symlinkSync("/etc/passwd", join(root, "opt/link"));
    execFileSync("mkfifo", [join(root, "opt/pipe")]);
    const script = readFileSync(join(__dirname, "..", "scripts/host/look.sh"), "utf8").replaceAll(
      "/host",
      root,
    );
    const FILES = ["secret", "link", "pipe", "gone", "none/gone", "secret/gone"]
      .map((name) => `/opt/${name}`)
      .concat("/opt")
      .join(" ");
    const said = execFileSync("sh", ["-euc", script], {
      env: { ...process.env, PLACES: "", NOTES: "", FILES },
      encoding: "utf8",
    });

    const found = filesIn(said);
    const kinds = [...found].map(([path, { kind }]) => [path, kind]);
    expect(kinds).toEqual([
      ["/opt/secret", "file"],
      ["/opt/link", "link"],
      ["/opt/pipe", "other"],
      ["/opt/gone", "missing"],
      ["/opt/none/gone", "missing"],
      ["/opt/secret/gone", "missing"],
      ["/opt", "directory"],
    ]);
    expect(found.get("/opt/secret")).toMatchObject({
      mode: "640",
      owner: `${process.getuid!()}:${process.getgid!()}`,
      sha256: sha256("hunter2\n"),
      trimmedSha256: sha256("hunter2"),
      // Its mode is of now.
      written: 1000,
    });
    expect(said).not.toContain("hunter2");
  });

  it("waits for no pipe that whoever owns a directory puts in a file's place meanwhile", () => {
    mkdirSync(join(root, "dynamic"), { recursive: true });
    chmodSync(join(root, "dynamic"), 0o777);
    mkdirSync(join(root, "bin"));
    writeFileSync(join(root, "dynamic/tls.yml"), "tls: {}\n");
    const head = execFileSync("sh", ["-c", "command -v head"], { encoding: "utf8" }).trim();
    writeFileSync(join(root, "bin/head"), `#!/bin/sh\nrm "$3"\nmkfifo "$3"\nexec ${head} "$@"\n`, {
      mode: 0o755,
    });
    const script = readFileSync(join(__dirname, "..", "scripts/host/look.sh"), "utf8").replaceAll(
      "/host",
      root,
    );
    const PATH = `${root}/bin:${process.env["PATH"]}`;
    const said = execFileSync("sh", ["-euc", script], {
      env: { ...process.env, PATH, PLACES: "", NOTES: "", FILES: "/dynamic/tls.yml" },
      encoding: "utf8",
      timeout: 8_000,
    });
    expect(filesIn(said).get("/dynamic/tls.yml")).toMatchObject({ kind: "other", sha256: "" });
  });
});
