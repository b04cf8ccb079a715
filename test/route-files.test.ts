import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askRoutes, toldOf } from "../commands/status/routes";
import { parseSettings } from "../settings/parse";
import { routeFilesIn } from "../preflight/route-files";
import { unwise } from "../preflight/shared-servers";
import { stackConfig } from "./settings-stack-file";

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rocketchat-routes-"));
  directory = join(root, "dynamic");
  mkdirSync(join(directory, "sub"), { recursive: true });
  mkdirSync(join(root, "bin"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const program = (name: string, text: string) =>
  writeFileSync(join(root, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
const PATH = () => `${join(root, "bin")}${delimiter}${process.env["PATH"]}`;

/** Lines as Traefik 3.7.15 and 3.0.4 log them. */
const received = `{"level":"debug","providerName":"file","config":{"http":{},"tls":{}},"time":"2026-12-01T09:10:54Z","caller":"github.com/traefik/traefik/v3/pkg/server/configurationwatcher.go:248","message":"Configuration received"}`;
const cannotStart = (error: string) =>
  `{"level":"error","error":${JSON.stringify(error)},"time":"2026-12-01T09:16:11Z","caller":"github.com/traefik/traefik/v3/pkg/provider/aggregator/aggregator.go:223","message":"Cannot start the provider *file.Provider"}`;
const twice = (key: string, file: string, name: string) =>
  `{"level":"warn","providerName":"file","${key}":"${file}","routerName":"${name}","time":"2026-12-01T09:16:11Z","message":"HTTP router already configured, skipping"}`;

/** Runs load-routes.sh with a Traefik that logs these lines and goes on. */
function load(...log: string[]) {
  writeFileSync(join(root, "log"), log.map((line) => `${line}\n`).join(""));
  program("traefik", `printf '%s\\n' "$@" > ${root}/arguments\ncat ${root}/log\nexec sleep 30`);
  const script = readFileSync(join(__dirname, "..", "scripts/host/load-routes.sh"), "utf8");
  const env = { ...process.env, PATH: PATH(), DIRECTORY: directory, TMPDIR: root };
  return spawnSync("sh", ["-euc", script], { env, encoding: "utf8", timeout: 8_000 });
}
const found = (...log: string[]) => routeFilesIn(load(...log).stdout, directory);

describe("a directory of routes", () => {
  it("loads as a whole, and is read by Traefik as it reads it when it starts", () => {
    expect(found(received)).toEqual({ twice: [], ignored: [] });
    const flags = readFileSync(join(root, "arguments"), "utf8").split("\n");
    expect(flags).toContain(`--providers.file.directory=${directory}`);
    expect(flags).toContain("--providers.file.watch=false");
  });

  it.each([
    [
      "of 3.7",
      (of: string) =>
        `collecting file configs: ${of}/bad.yml: yaml: line 1: did not find expected node content`,
      { path: "bad.yml", why: "yaml: line 1: did not find expected node content" },
    ],
    [
      "of 3.0",
      (of: string) => `${of}/bad.yml: field not found, node: rooters`,
      { path: "bad.yml", why: "field not found, node: rooters" },
    ],
    [
      "in a directory below",
      (of: string) =>
        `collecting file configs: loading content configuration from subdirectory d sub/: ${of}/sub/x.toml: toml: line 1: no`,
      { path: "sub/x.toml", why: "toml: line 1: no" },
    ],
    [
      "with a name and a reason that would move a terminal's cursor",
      (of: string) =>
        `collecting file configs: ${of}/a\u001b[2Jb.yml: yaml: unmarshal errors:\n  line 3:\u0007 key`,
      { path: "ab.yml", why: "yaml: unmarshal errors: line 3: key" },
    ],
  ])(
    "tells of a file that does not load, by its name and Traefik's reason: %s",
    (_what, error, { path, why }) => {
      expect(found(cannotStart(error(directory))).fault).toEqual({ path: `${directory}/${path}`, why });
    },
  );

  it("takes no router that is named like an error for one", () => {
    const router = `{"level":"error","error":"no","entryPointName":"web","routerName":"file.Provider@file","time":"x","message":"no"}`;
    expect(found(router, received).fault).toBe(undefined);
  });

  it.each([["origin"], ["filename"]])("tells of names that two files use: %s", (key) => {
    expect(found(twice(key, "z.yml", "chat"), received).twice).toEqual([
      { kind: "HTTP router", name: "chat", path: `${directory}/z.yml` },
    ]);
  });

  it("names a pipe, for which Traefik would wait, and does not wait itself", () => {
    execFileSync("mkfifo", [join(directory, "sub/Pipe.YML")]);
    execFileSync("mkfifo", [join(directory, "pipe.txt")]);
    expect(found(received).fault).toEqual({
      path: `${directory}/sub/Pipe.YML`,
      why: "is no file, and Traefik waits for it",
    });
    expect(existsSync(join(root, "arguments"))).toBe(false);
  });

  it("names what looks like routes and is not read, each on one line", () => {
    for (const name of ["site.json", "old.yml.bak", "a\nloaded\n.yaml.x", "cert.pem", "good.yaml"])
      writeFileSync(join(directory, name), "");
    expect(found(received).ignored.sort()).toEqual(
      ["a?loaded?.yaml.x", "old.yml.bak", "site.json"].map((name) => `${directory}/${name}`),
    );
  });

  it("does not judge a link that leads out of it", () => {
    symlinkSync("/nowhere/routes.yml", join(directory, "link.yml"));
    const path = `${directory}/link.yml`;
    const error = `collecting file configs: ${path}: error reading configuration file: ${path} - open ${path}: no such file or directory`;
    expect(found(cannotStart(error))).toEqual({ unseen: path, twice: [], ignored: [] });
  });

  it("says so where Traefik ends before it has read anything", () => {
    program("traefik", "");
    const script = readFileSync(join(__dirname, "..", "scripts/host/load-routes.sh"), "utf8");
    const env = { ...process.env, PATH: PATH(), DIRECTORY: directory, TMPDIR: root };
    writeFileSync(join(root, "bin/traefik"), "#!/bin/sh\necho 'unknown flag'\n");
    const done = spawnSync("sh", ["-euc", script], { env, encoding: "utf8", timeout: 8_000 });
    expect([done.status, done.stdout, done.stderr]).toEqual([1, "", "unknown flag\n"]);
  });
});

const settingsOf = (stack: string, config: Record<string, unknown>) =>
  parseSettings({ stack, config: config as never, secretKeys: new Set() });
const prod = settingsOf("prod", stackConfig("prod"));
const borrower = settingsOf("second", {
  hostname: "second.example.org",
  prefix: "second-",
  helperImage: "busybox:1.37.0",
  rocketchat: '{"version":"8.8.1"}',
  mongo: JSON.stringify({ version: "8.0.32" }),
  ingress: JSON.stringify({
    mode: "existing",
    render: "file",
    network: "their-edge",
    address: "their-traefik",
    dynamicDirectory: "/srv/dynamic",
  }),
});

/** Until the test ends, an engine on which a Traefik runs, whose image says this of a directory. */
function engineWith(
  said: string,
  networks: object,
  command: string[] = ["--entrypoints.websecure.address=:443"],
) {
  writeFileSync(join(root, "said"), said);
  writeFileSync(join(root, "networks"), `id1\t/some-traefik\t${JSON.stringify(networks)}\n`);
  const fields = ["/some-traefik", "sha256:their-image", "1234:1234", "/entrypoint.sh", command, [], []];
  writeFileSync(join(root, "container"), fields.map((field) => JSON.stringify(field)).join("\t"));
  program(
    "docker",
    `echo "$*" >> ${root}/asked
     case "$*" in
       ps*network=their-edge*) echo id1 ;;
       *NetworkSettings*) cat ${root}/networks ;;
       "container inspect"*) cat ${root}/container ;;
       run*) cat ${root}/said ;;
     esac`,
  );
  vi.stubEnv("PATH", PATH());
}
const asked = () => readFileSync(join(root, "asked"), "utf8");
const broken = (path: string) => `failed\t${cannotStart(`collecting file configs: ${path}: yaml: no`)}\n`;
const onTheirs = { "their-edge": { Aliases: ["their-traefik"] } };

describe("npm run status", () => {
  it("says nothing of a directory that loads", async () => {
    engineWith("loaded\n", {});
    expect(await askRoutes(prod)).toEqual({ otherwise: [], notes: [] });
    expect(asked()).toContain(
      "--user=1234:1234 --mount=type=bind,source=/opt/traefik/dynamic,target=/opt/traefik/dynamic,readonly",
    );
    expect(asked()).toContain("--network=none");
  });

  it("names a file that does not load, why, what it costs and what to do", async () => {
    engineWith(broken("/opt/traefik/dynamic/his.yml"), {});
    expect(await askRoutes(prod)).toEqual({
      otherwise: [
        "/opt/traefik/dynamic/his.yml: does not load (yaml: no); while it is so, Traefik follows no change of any route, and serves no route at " +
          "all once it is started again: have whoever wrote it mend it, or move it out of /opt/traefik/dynamic; files there are written " +
          "beside their place and renamed (docs/shared-servers.md)",
      ],
      notes: [],
    });
  });

  it("looks twice: a file may just be written in place", async () => {
    engineWith("loaded\n", {});
    writeFileSync(join(root, "first"), broken("/opt/traefik/dynamic/his.yml"));
    program(
      "docker",
      `case "$*" in
         "container inspect"*) cat ${root}/container ;;
         run*) cat ${root}/first 2>/dev/null && rm ${root}/first || cat ${root}/said ;;
       esac`,
    );
    expect(await askRoutes(prod)).toEqual({ otherwise: [], notes: [] });
    expect(existsSync(join(root, "first"))).toBe(false);
  });

  it("asks the image of a borrowed Traefik, as its user, and tells how soon it cuts held requests", async () => {
    engineWith(broken("/srv/dynamic/his.yml"), onTheirs);
    const { otherwise, notes } = await askRoutes(borrower);
    expect(otherwise).toEqual([expect.stringMatching(/^\/srv\/dynamic\/his\.yml: does not load/)]);
    expect(notes).toEqual([
      "ingress.entryPoints: must give a request 3 minutes or more, as long as one is held while Rocket.Chat restarts, or a POST whose body " +
        "comes after its headers is cut (got 60 seconds at the entry point websecure of the container some-traefik); start that Traefik with " +
        "--entrypoints.websecure.transport.respondingtimeouts.readtimeout=4h0m0s, which is enough for uploads on slow lines as well",
    ]);
    expect(asked()).toMatch(/^run .* --user=1234:1234 .* --entrypoint=sh sha256:their-image /m);
  });

  it("says what it did not look at, where Traefik is no container that it knows", async () => {
    engineWith("loaded\n", { "their-edge": { Aliases: ["another"] } });
    expect(await askRoutes(borrower)).toEqual({
      otherwise: [],
      notes: [
        "files of routes in /srv/dynamic: not looked at (no container by the name their-traefik on the network their-edge, whose image would tell)",
      ],
    });
    program("docker", "echo 'no such image' >&2; exit 1");
    expect((await askRoutes(prod)).notes).toEqual([
      "files of routes: could not be looked at (no such image)",
    ]);
  });

  it("calls it a fault where another file takes a name of this workspace, and mentions others", () => {
    const double = (name: string) => ({ kind: "HTTP router", name, path: "/d/z.yml" });
    const { otherwise, notes } = toldOf(
      { twice: [double("chat-limit"), double("chatter")], ignored: ["/d/a.json"], unseen: "/d/l.yml" },
      "/d",
      "chat",
    );
    expect(otherwise).toEqual([
      expect.stringMatching(/^\/d\/z\.yml: HTTP router chat-limit is in another file of/),
    ]);
    expect(notes.map((note) => note.split(" ").slice(0, 4).join(" "))).toEqual([
      "/d/l.yml: leads out of",
      "/d/z.yml: HTTP router chatter",
      "/d/a.json: is not read",
    ]);
  });
});

describe("before a deployment on a borrowed Traefik", () => {
  if (borrower.ingress.mode !== "existing") throw new Error("it borrows one");
  const { ingress } = borrower;

  it("a file that does not load and a short read timeout are told, and stop nothing", async () => {
    engineWith(broken("/srv/dynamic/his.yml"), onTheirs);
    expect(await unwise(borrower, ingress)).toMatchObject([
      { key: "ingress.entryPoints", advice: true },
      { key: "ingress.dynamicDirectory", value: "got /srv/dynamic/his.yml: yaml: no", advice: true },
    ]);
  });

  it("nothing is said where all is well, or nothing can be seen", async () => {
    engineWith("loaded\n", onTheirs, [
      "--entryPoints.webSecure.address=:443",
      "--entryPoints.websecure.transport.respondingTimeouts.readTimeout=600",
    ]);
    expect(await unwise(borrower, ingress)).toEqual([]);
    program("docker", "exit 1");
    expect(await unwise(borrower, ingress)).toEqual([]);
  });
});
