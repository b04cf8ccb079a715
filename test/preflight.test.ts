import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { dataDirectories } from "../commands/down/data";
import { LETS_ENCRYPT } from "../settings/ingress";
import { faultsOn } from "../preflight/faults";
import { architecture } from "../preflight/architecture";
import type { Check } from "../preflight/check";
import { directories } from "../preflight/directories";
import { Docker } from "../engine/docker";
import { hostFactsIn } from "../preflight/facts";
import type { HostFacts, Place } from "../preflight/host-facts";
import { hostTime } from "../preflight/host-time";
import { collide, listenersIn, publishedIn } from "../preflight/listeners";
import { links } from "../preflight/links";
import { moved, placesNote } from "../preflight/moved";
import { names } from "../preflight/names";
import { databaseNote, otherDatabase } from "../preflight/other-database";
import { inventoryOf } from "../inventory";
import { noteOfDatabase, noteOfPlaces, notesOf } from "../inventory/host";
import { parents } from "../preflight/parents";
import { ports } from "../preflight/ports";
import { thisActor } from "../settings/actor";
import { loopback } from "../preflight/loopback";
import { type PublicView, publicName } from "../preflight/public-name";
import { releases } from "../preflight/releases";
import { restoring } from "../preflight/restoring";
import { room } from "../preflight/room";
import { version } from "../preflight/version";
import { parseSettings } from "../settings/parse";
import { stubDocker } from "./fixtures";
import { stackConfig } from "./settings-stack-file";

const settingsOf = (stack: string) =>
  parseSettings({ stack, config: stackConfig(stack), secretKeys: new Set() });
const settings = settingsOf("prod");
const gibibyte = 1 << 30;

function host(over: Partial<HostFacts> = {}): HostFacts {
  return {
    engine: { version: "28.2.2", os: "linux", arch: "amd64" },
    dataRoot: "/var/lib/docker",
    kernel: "6.12.9",
    containers: [],
    networks: [],
    mounts: [],
    noted: new Map(),
    images: new Map(),
    listeners: [],
    places: new Map(),
    hasAvx: true,
    docker: new Docker(settings.engine, 0),
    ...over,
  };
}

const place = (entries: string[] = [], over: Partial<Place> = {}): Place => ({
  kind: "directory",
  entries,
  device: "1",
  freeBytes: 100 * gibibyte,
  owners: [],
  ...over,
});

async function lines(check: Check, facts: Partial<HostFacts>, of = settings): Promise<string[]> {
  const problems = await check(of, host(facts));
  return problems.map(({ key, rule, value, fix }) => `${key}: ${rule} (${value}); ${fix}`);
}

it.each([version, architecture, names, ports, moved, directories, parents, links, room, hostTime, restoring])(
  "%o finds nothing on an empty host",
  async (check) => {
    expect(await lines(check, {})).toEqual([]);
  },
);

it.each(["prod", "local"])("an empty engine takes the workspace of %s", async (stack) => {
  stubDocker();
  vi.stubEnv("ROCKETCHAT_YES_DNS", "1"); // names of the world are not asked for here
  expect(await faultsOn(settingsOf(stack))).toEqual([]);
});

it("a host without a clock's file is told so before Docker makes a directory of it", async () => {
  const clock = (kind: Place["kind"]) => ({ places: new Map([["/etc/localtime", place([], { kind })]]) });
  expect(await lines(hostTime, clock("file"))).toEqual([]);
  expect(await lines(hostTime, clock("missing"))).toEqual([
    'backup.time: is by the clock of the engine\'s host, where /etc/localtime must be a file (got "missing"); on the host: ln -s /usr/share/zoneinfo/Etc/UTC /etc/localtime',
  ]);
});

describe("the engine", () => {
  it.each([
    ["20.10.24+dfsg1", true],
    ["28.2.2", true],
    ["20.9.0", false],
    ["19.03.15", false],
  ])("of version %s is new enough: %s", async (got, good) => {
    const found = await lines(version, { engine: { version: got, os: "linux", arch: "amd64" } });
    expect(found).toEqual(
      good
        ? []
        : [
            `engine: must run Docker 20.10 or later, which lets Traefik listen below 1024 without a capability (got ${got}); update Docker on that host`,
          ],
    );
  });

  it("must run Linux", async () => {
    const [line] = await lines(version, { engine: { version: "28.0.0", os: "windows", arch: "amd64" } });
    expect(line).toMatch(/^engine: must run Linux containers \(got windows\); /);
  });
});

describe("releases", () => {
  const mongo = (version: string) => ({ ...settings, mongo: { ...settings.mongo, version } });
  const traefik = (version: string) => ({ ...settings, ingress: { ...settings.ingress, version } });

  it("that the tracked settings name are wise ones", async () => {
    expect(await lines(releases, {})).toEqual([]);
    expect(await lines(releases, {}, settingsOf("local"))).toEqual([]);
  });

  it.each([
    ["8.0.20", "8.0.26 and 8.0.32"],
    ["8.0.31", "8.0.32"],
    ["8.2.1", "2026-07-31"],
  ])("of MongoDB with known holes are told of, and stop nothing: %s", async (version, told) => {
    const [problem, ...others] = await releases(mongo(version), host());
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ key: "mongo.version", advice: true });
    expect(problem?.rule).toContain(told);
  });

  it("of Traefik with advisories are told of", async () => {
    expect(await releases(traefik("3.7.12"), host())).toMatchObject([
      { key: "ingress.version", advice: true },
    ]);
    expect(await releases(traefik("3.7.13"), host())).toEqual([]);
  });

  it.each([
    ["8.0.32", "6.18.44", undefined],
    ["8.0.32", "6.19.0-arch1", false],
    ["8.0.32", "7.0.13", false],
    ["8.0.32", "7.0.14", undefined],
    ["8.0.32", "", undefined],
    ["8.0.27", "6.19.3", true],
    ["7.0.20", "6.19.3", undefined],
  ])("of MongoDB and kernels: %s on %s", async (version, kernel, advice) => {
    const found = (await releases(mongo(version), host({ kernel }))).filter(({ value }) =>
      value.includes(" on "),
    );
    expect(found.map((problem) => problem.advice)).toEqual(advice === undefined ? [] : [advice]);
  });
});

describe("a loopback address before Docker 28", () => {
  const old = { engine: { version: "20.10.24+dfsg1", os: "linux", arch: "amd64" } };
  const local = settingsOf("local");
  const remote = { ...local, engine: "ssh://root@chat.example.org" };

  it("is told of on one's own machine, and refused on a server until it is known there", async () => {
    expect(await loopback(local, host(old))).toMatchObject([{ key: "ingress.bind", advice: true }]);
    expect(await loopback(remote, host(old))).toMatchObject([{ key: "ingress.bind", advice: false }]);
    const ingress = { ...local.ingress, neighboursMayConnect: true };
    expect(await loopback({ ...remote, ingress }, host(old))).toEqual([]);
  });

  it("is one machine's own from 28 on, and others are not loopback's", async () => {
    expect(await loopback(remote, host())).toEqual([]);
    expect(await loopback(settings, host(old))).toEqual([]);
  });
});

describe("the first certificate of a public authority", () => {
  const names: Record<string, string[]> = {
    "srv759970.hstgr.cloud": ["203.0.113.7"],
    "chat.srv759970.hstgr.cloud": ["203.0.113.7"],
  };
  const view = (over: Partial<PublicView> = {}, more: Record<string, string[]> = {}): PublicView => ({
    addressesOf: (name) => Promise.resolve({ ...names, ...more }[name] ?? []),
    own: () => ["127.0.0.1", "192.168.1.5"],
    port: () => Promise.resolve("refused"),
    ...over,
  });
  const faultsOf = (seen: PublicView, of = settings) => lines(publicName(seen), {}, of);
  const chat = settings.hostname;

  it("is asked for where the name leads to the host and the port answers", async () => {
    expect(await faultsOf(view())).toEqual([]);
  });

  it.each([
    [
      "nothing",
      view({}, { [chat]: [] }),
      /^hostname: must lead to the engine's host before .* \(got no address of chat\./,
    ],
    [
      "another host",
      view({}, { [chat]: ["203.0.113.9"] }),
      /^hostname: must lead to the engine's host \(203\.0\.113\.7\).*got 203\.0\.113\.9/,
    ],
    [
      "IPv6 as well",
      view({}, { [chat]: ["203.0.113.7", "2001:db8::7"] }),
      /^hostname: must have no AAAA record .*2001:db8::7/,
    ],
    [
      "a closed port",
      view({ port: () => Promise.resolve("silent") }),
      /^hostname: must be reached on port 443,/,
    ],
  ])("waits while the name leads to %s", async (_what, seen, line) => {
    const found = await faultsOf(seen);
    expect(found).toEqual([expect.stringMatching(line)]);
    expect(found[0]).toContain("--yes-dns");
    vi.stubEnv("ROCKETCHAT_YES_DNS", "1");
    expect(await faultsOf(seen)).toEqual([]);
    vi.unstubAllEnvs();
  });

  it("says what it could not see: a host behind another address", async () => {
    const here = { ...settings, engine: "unix:///var/run/docker.sock" };
    expect(await publicName(view())(here, host())).toMatchObject([{ key: "hostname", advice: true }]);
  });

  it("is not asked for where Traefik is gone and its file holds one for the name", async () => {
    const acme = mkdtempSync(join(tmpdir(), "rocketchat-acme-"));
    onTestFinished(() => rmSync(acme, { recursive: true }));
    const kept = { acme: { Certificates: [{ domain: { main: chat }, certificate: "x" }] } };
    writeFileSync(join(acme, "acme.json"), JSON.stringify(kept, undefined, 2));
    const mount = "source=/opt/traefik/acme,target=/acme,readonly";
    const docker = `#!/bin/sh
case "$*" in *"--user=65532:65532 "*${mount}*) ;; *) exit 1 ;; esac
while [ "$1" != grep ]; do shift; done
cd ${acme}; exec grep "$2" "$3" "\${4#/acme/}"
`;
    writeFileSync(join(acme, "docker"), docker, { mode: 0o755 });
    vi.stubEnv("PATH", `${acme}:${process.env["PATH"]}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const facts = (entries: string[]) => ({
      places: new Map([["/opt/traefik/acme", place(entries)]]),
      docker: new Docker(settings.engine, Date.now() + 10_000),
    });
    const cdn = publicName(view({}, { [chat]: ["203.0.113.9"] }));
    expect(await lines(cdn, facts(["acme.json"]))).toEqual([]);
    expect(await lines(cdn, facts([]))).toHaveLength(1);
    writeFileSync(
      join(acme, "acme.json"),
      JSON.stringify(kept, undefined, 2).replaceAll(chat, "old.example.org"),
    );
    expect(await lines(cdn, facts(["acme.json"]))).toHaveLength(1);
  });

  /** Until the test ends, an engine on which this stack's Traefik is there, as it was last deployed. */
  async function deployed(hostname: string, server: string, seen = view({}, { [chat]: [] })) {
    const bin = mkdtempSync(join(tmpdir(), "rocketchat-docker-"));
    onTestFinished(() => rmSync(bin, { recursive: true }));
    const flags = ["--log.level=INFO", `--certificatesresolvers.acme.acme.caserver=${server}`];
    const networks = { edge: { Aliases: ["traefik", hostname] } };
    writeFileSync(join(bin, "answer"), `${JSON.stringify(flags)}\t${JSON.stringify(networks)}\n`);
    writeFileSync(
      join(bin, "docker"),
      `#!/bin/sh\ncase "$*" in "container inspect "*" traefik") cat ${bin}/answer ;; *) exit 1 ;; esac\n`,
      { mode: 0o755 },
    );
    vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const containers = [{ name: "traefik", stack: "prod", ports: [] }];
    return lines(publicName(seen), { containers, docker: new Docker(settings.engine, Date.now() + 10_000) });
  }

  it("was asked for already where Traefik runs with this name and this authority", async () => {
    expect(await deployed(chat, LETS_ENCRYPT)).toEqual([]);
  });

  it.each([
    ["another name", "old.example.org", LETS_ENCRYPT],
    ["another authority", chat, "https://test-ca:14000/dir"],
  ])("is asked for again after %s, and waits as the first one does", async (_what, hostname, server) => {
    expect(await deployed(hostname, server)).toEqual([
      expect.stringMatching(/^hostname: must lead to the engine's host before .*--yes-dns/),
    ]);
    expect(await deployed(hostname, server, view({ port: () => Promise.resolve("open") }))).toEqual([]);
  });

  it("was asked for already where Traefik is there and cannot be asked", async () => {
    const containers = [{ name: "traefik", stack: "prod", ports: [] }];
    expect(await lines(publicName(view({}, { [chat]: [] })), { containers })).toEqual([]);
  });

  it("of others than public authorities is nobody's to check", async () => {
    const gone = view({}, { [chat]: [] });
    expect(await faultsOf(gone, settingsOf("local"))).toEqual([]);
    const ingress = {
      ...settings.ingress,
      acme: { server: "https://ca.example.org/dir", challenge: "tls" as const, testCaImage: "x" },
    };
    expect(await faultsOf(gone, { ...settings, ingress })).toEqual([]);
  });

  it("over port 80 asks for that one", async () => {
    const asked: number[] = [];
    const seen = view({ port: (_address, port) => (asked.push(port), Promise.resolve("refused" as const)) });
    const { ingress } = settings;
    if (ingress.mode !== "managed") throw new Error("prod runs Traefik itself");
    await publicName(seen)(
      { ...settings, ingress: { ...ingress, acme: { ...ingress.acme, challenge: "http" } } },
      host(),
    );
    expect(asked).toEqual([80]);
  });
});

describe("the architecture", () => {
  const arm = new Map([["mongo:8.0.32", { os: "linux", arch: "arm64" }]]);

  it("of an image on the engine is that of the engine", async () => {
    expect(await lines(architecture, { images: arm })).toEqual([
      "mongo.image: must be built for the engine's processor, amd64 (got mongo:8.0.32 for arm64); remove it (docker image rm mongo:8.0.32), " +
        "so that the right one is fetched, or name another: pulumi config set --path 'rocketchat:mongo.image' IMAGE",
    ]);
    const engine = { version: "28.0.0", os: "linux", arch: "arm64" };
    expect(await lines(architecture, { images: arm, engine, hasAvx: false })).toEqual([]);
  });

  it("has AVX where MongoDB wants it", async () => {
    expect(await lines(architecture, { hasAvx: false })).toEqual([
      expect.stringMatching(
        /^mongo\.version: must be below 5 on a processor without AVX.*\(got 8\.0\.32\); /,
      ),
    ]);
  });
});

describe("names", () => {
  const container = (name: string, stack: string) => ({ containers: [{ name, stack, ports: [] }] });

  it("that this stack's own have are free to it", async () => {
    expect(await lines(names, container("rocketchat", "prod"))).toEqual([]);
    expect(await lines(names, { networks: [{ name: "edge", stack: "prod" }] })).toEqual([]);
  });

  it.each(["rocketchat", "mongodb-shared"])(
    "of a %s that was started by hand lead to adopt",
    async (name) => {
      expect(await lines(names, container(name, ""))).toEqual([
        expect.stringMatching(
          new RegExp(
            `must leave the container name ${name} to this stack \\(got one that no stack made\\); npm run adopt `,
          ),
        ),
      ]);
    },
  );

  it("of another stack ask for another prefix", async () => {
    expect(await lines(names, container("traefik", "staging"))).toEqual([
      "prefix: must leave the container name traefik to this stack (got one of the stack staging); set another one: pulumi config set rocketchat:prefix second-",
    ]);
  });

  it("of a network count as well", async () => {
    expect(await lines(names, { networks: [{ name: "data", stack: "" }] })).toEqual([
      expect.stringMatching(
        /^prefix: must leave the network name data to this stack .*; remove it where nobody needs it/,
      ),
    ]);
  });
});

describe("ports", () => {
  it("reads what the kernel and the engine say", () => {
    const kernel = listenersIn([
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 78",
      "   1: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9",
      "   2: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9",
      "   3: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9",
    ]);
    expect(kernel).toEqual([
      { address: "127.0.0.1", port: 8080, uid: 1000 },
      { address: "::", port: 443, uid: 0 },
      { address: "127.0.0.1", port: 80, uid: 0 },
      { address: "2001:db8::1", port: 80, uid: 0 },
    ]);
    expect(
      publishedIn(
        "0.0.0.0:80->8080/tcp, [::]:80->8080/tcp, 127.0.0.1:9000-9001->9000-9001/tcp, 53/tcp, 0.0.0.0:53->53/udp",
      ),
    ).toEqual([
      { address: "0.0.0.0", port: 80 },
      { address: "::", port: 80 },
      { address: "127.0.0.1", port: 9000 },
      { address: "127.0.0.1", port: 9001 },
    ]);
  });

  it.each([
    ["0.0.0.0", "127.0.0.1", true],
    ["127.0.0.1", "0.0.0.0", true],
    ["127.0.0.1", "127.0.0.2", false],
    ["0.0.0.0", "::", true],
    ["0.0.0.0", "::1", false],
    ["2001:db8::1", "2001:DB8:0::1", true],
  ])("%s and %s collide: %s", (a, b, expected) => {
    expect(collide({ address: a, port: 80 }, { address: b, port: 80 })).toBe(expected);
    expect(collide({ address: a, port: 80 }, { address: b, port: 81 })).toBe(false);
  });

  const listeners = [{ address: "0.0.0.0", port: 443, uid: 33 }];
  const published = (stack: string) => [{ name: "web", stack, ports: [{ address: "0.0.0.0", port: 443 }] }];

  it("of a process of the host are taken", async () => {
    expect(await lines(ports, { listeners })).toEqual([
      "ingress.httpsPort: must be free on the host for Traefik, 443 on 0.0.0.0 (got a process of the host, user 33 on 0.0.0.0); " +
        "on that host, as root, ss -ltnp 'sport = :443' shows it: stop it, or set another port: pulumi config set --path 'rocketchat:ingress.httpsPort' 8443",
    ]);
  });

  it("of a container name it, unless it is this stack's", async () => {
    expect(await lines(ports, { listeners, containers: published("") })).toEqual([
      expect.stringContaining("(got the container web); stop it, or "),
    ]);
    expect(await lines(ports, { listeners, containers: published("prod") })).toEqual([]);
  });
});

describe("directories", () => {
  const places = (of: Record<string, Place>) => ({ places: new Map(Object.entries(of)) });
  const foreign = { "/opt/mongodb-shared/data": place(["WiredTiger", "lost+found"]) };

  it("with data that nobody here wrote are refused", async () => {
    expect(await lines(directories, places(foreign))).toEqual([
      "mongo.directory: must hold nothing, or what this project put there (got /opt/mongodb-shared/data with WiredTiger, and no /opt/mongodb-shared/secrets/*.generation); " +
        "npm run adopt -- --stack prod takes over a workspace that was started by hand; else move it away, or set another one: pulumi config set --path 'rocketchat:mongo.directory' /opt/mongodb-shared-2",
    ]);
  });

  it("with a .env or certificates of others are refused", async () => {
    const found = await lines(
      directories,
      places({
        "/opt/rocketchat/.env": place([], { kind: "file" }),
        "/opt/traefik/acme": place(["acme.json"]),
        "/opt/traefik/dynamic": place(["mine.yml"]),
      }),
    );
    expect(found).toEqual([
      expect.stringMatching(/^directory: .*\/opt\/rocketchat\/\.env with \.env, /),
      expect.stringMatching(/^ingress\.directory: .*\/opt\/traefik\/acme with acme\.json, .*; move it away/),
      expect.stringMatching(/^ingress\.directory: .*\/opt\/traefik\/dynamic with mine\.yml, /),
    ]);
  });

  it.each<[string, Record<string, Place>]>([
    [
      "of an earlier deployment",
      { ...foreign, "/opt/mongodb-shared/secrets": place(["keyfile.generation"]) },
    ],
    [
      "with a first secret that was not finished",
      { "/opt/rocketchat/secrets": place([".mongo-password.new"]) },
    ],
    ["with a root that came before Traefik's own file", { "/opt/traefik/acme": place(["ca.pem"]) }],
    ["with a file that was being written", { "/opt/traefik/dynamic": place(["tls.yml.new"]) }],
    ["that are file systems of their own", { "/opt/mongodb-shared/data": place(["lost+found"]) }],
  ])("%s are this stack's", async (_what, of) => {
    expect(await lines(directories, places(of))).toEqual([]);
  });

  it("are no files", async () => {
    expect(await lines(directories, places({ "/opt/rocketchat": place([], { kind: "file" }) }))).toEqual([
      expect.stringMatching(/^directory: must be a directory \(got a file, \/opt\/rocketchat\); /),
    ]);
  });
});

describe("a directory whose setting has changed", () => {
  const chat = (path: string, source: string) => ({ container: "rocketchat", path, source });
  const mongo = (path: string, source: string) => ({ container: "mongodb-shared", path, source });
  const full = (...paths: string[]) => new Map(paths.map((path) => [path, place(["something"])]));

  it.each<[string, HostFacts["mounts"], string, string]>([
    ["uploads.directory", [chat("/app/uploads", "/srv/up")], "/opt/rocketchat/uploads", "/srv/up"],
    ["rocketchat.dataDirectory", [chat("/app/data", "/srv/data")], "/opt/rocketchat/data", "/srv/data"],
    [
      "directory",
      [chat("/app/.env", "/srv/chat/.env"), chat("/app/uploads", "/srv/chat/uploads")],
      "/opt/rocketchat",
      "/srv/chat",
    ],
    ["mongo.dataDirectory", [mongo("/data/db", "/srv/db")], "/opt/mongodb-shared/data", "/srv/db"],
    [
      "mongo.directory",
      [mongo("/etc/mongod/keyfile", "/srv/m/secrets/keyfile"), mongo("/data/db", "/srv/m/data")],
      "/opt/mongodb-shared",
      "/srv/m",
    ],
    [
      "ingress.directory",
      [{ container: "traefik", path: "/acme", source: "/srv/t/acme" }],
      "/opt/traefik",
      "/srv/t",
    ],
  ])("%s is refused, once, with the way to move it", async (key, mounts, now, old) => {
    const sources = mounts.map(({ source }) => source);
    expect(await lines(moved, { mounts, places: full(old, ...sources) })).toEqual([
      `${key}: must stay where the data are (got ${now}, while ${old} holds them); set it back; or move them: npm run down -- --stack prod, ` +
        `on the server mkdir -p ${now.slice(0, now.lastIndexOf("/"))} && mv ${old} ${now}, then npm run up -- --stack prod`,
    ]);
  });

  it("is refused also when no container remembers it, since the host does", async () => {
    const noted = new Map([["mongo.dataDirectory", "/srv/db"]]);
    expect(await lines(moved, { noted, places: full("/srv/db") })).toEqual([
      expect.stringMatching(
        /^mongo\.dataDirectory: must stay where the data are \(got \/opt\/mongodb-shared\/data, while \/srv\/db holds them\)/,
      ),
    ]);
    expect(await lines(moved, { noted })).toEqual([]);
  });

  it("was where the containers say, whatever an older note does", async () => {
    const noted = new Map([["uploads.directory", "/srv/older"]]);
    const mounts = [chat("/app/uploads", "/opt/rocketchat/uploads")];
    expect(await lines(moved, { mounts, noted, places: full("/srv/older") })).toEqual([]);
  });

  it("of a server that others run now is nobody's to refuse", async () => {
    const noted = new Map([["ingress.directory", "/srv/t"]]);
    const ingress =
      '{"mode":"existing","render":"labels","network":"edge","address":"t","entryPoints":"websecure"}';
    const config = { ...stackConfig("prod"), ingress };
    const borrower = parseSettings({ stack: "prod", config, secretKeys: new Set() });
    expect(placesNote(borrower)).not.toContain("ingress");
    expect(await lines(moved, { noted, places: full("/srv/t") }, borrower)).toEqual([]);
  });

  it("is right where the data were moved, and where it has not changed", async () => {
    expect(await lines(moved, { mounts: [chat("/app/uploads", "/srv/up")] })).toEqual([]);
    const same = "/opt/rocketchat/uploads";
    expect(await lines(moved, { mounts: [chat("/app/uploads", same)], places: full(same) })).toEqual([]);
  });
});

describe("a restore", () => {
  const places = new Map([["/opt/rocketchat/backup", place(["restore.json", "status.json"])]]);
  const dead = { ...thisActor, pid: 2 ** 22 + 1 };
  const at = (host: string) => ({ host, pid: 7, timestamp: "2026-01-01T00:00:00Z" });
  const unfinished =
    "directory: must hold data that are whole (got an unfinished restore, /opt/rocketchat/backup/restore.json); finish it: npm run restore -- --stack prod --resume";
  const whoWorks = (label: string) => ({ run: () => Promise.resolve(label) }) as unknown as Docker;

  it.each<[string, string, string]>([
    ["whose container is gone is to be finished", "", unfinished],
    ["whose process of this machine has ended is to be finished", JSON.stringify(dead), unfinished],
    [
      "that is at work on this machine is waited for",
      JSON.stringify(thisActor),
      `directory: must hold data that are whole (got a restore at work, process ${process.pid} of ${thisActor.host}, since ${thisActor.timestamp}); wait until it has ended`,
    ],
    [
      "that is at work on another machine is waited for, with the way out that only a look at that one can open",
      JSON.stringify(at("laptop")),
      "directory: must hold data that are whole (got a restore at work, process 7 of laptop, since 2026-01-01T00:00:00Z); wait until it has ended; " +
        "if that process is gone from there: npm run restore -- --stack prod --resume",
    ],
  ])("%s", async (_, label, line) => {
    expect(await lines(restoring, { places, docker: whoWorks(label) })).toEqual([line]);
  });
});

describe("room", () => {
  const images = new Map(
    ["busybox:1.37.0", "rocketchat/rocket.chat:8.8.1", "mongo:8.0.32", "traefik:v3.7.15"].map((image) => [
      image,
      { os: "linux", arch: "amd64" },
    ]),
  );
  const on = (freeBytes: number, entries: string[] = []) =>
    new Map(
      ["/opt/rocketchat/uploads", "/opt/mongodb-shared/data", "/opt/traefik/acme", "/var/lib/docker"].map(
        (path) => [path, place(entries, { freeBytes })],
      ),
    );

  it("is wanted once for all that lies on one disk", async () => {
    const [line, ...others] = await lines(room, { images, places: on(gibibyte) });
    expect(others).toEqual([]);
    expect(line).toBe(
      "mongo.directory: must have 1104 MiB free on its disk: 512 MiB for MongoDB's files and journal, 256 MiB for the containers and their logs, " +
        "256 MiB for uploads, 64 MiB for images that are not there yet, 16 MiB for certificates and routes (got 1 GiB on the disk of /opt/mongodb-shared/data); " +
        "make room there, or set a directory on a larger disk: pulumi config set --path 'rocketchat:mongo.directory' /PATH",
    );
  });

  it("is wanted for every image, those of the backups and of the test CA too", async () => {
    const local = settingsOf("local");
    const sftp = {
      ...settings.backup!,
      repository: "sftp://backup@backup.example.org/chat",
    };
    for (const [of, part, mebibytes] of [
      [settings, "backup.resticImage", 64],
      [{ ...settings, backup: sftp }, "backup.rcloneImage", 128],
      [local, "ingress.acme.testCaImage", 64],
    ] as const) {
      const all = inventoryOf(of).images;
      expect(all.map(({ mebibytes: its }) => its > 0)).not.toContain(false);
      const there = all.filter(({ key }) => key !== part).map(({ name }) => name);
      const has = new Map(there.map((name) => [name, { os: "linux", arch: "amd64" }]));
      const places = new Map([["/var/lib/docker", place([], { freeBytes: 0 })]]);
      expect(await lines(room, { images: has, places }, of)).toEqual([
        expect.stringContaining(`${mebibytes} MiB for images that are not there yet`),
      ]);
    }
  });

  it("is little for a stack that is there, and more where images are missing", async () => {
    expect(await lines(room, { images, places: on(gibibyte, ["WiredTiger"]) })).toEqual([]);
    expect(await lines(room, { places: on(gibibyte, ["WiredTiger"]) })).toEqual([
      expect.stringMatching(/^engine: must have .* for images that are not there yet.* docker image prune/),
    ]);
  });
});

it("reads what look.sh prints", () => {
  const text =
    "avx\tyes\nnoted\tdirectory\t/opt/a\nplace\t/opt/a b\tdirectory\t65024\t4096\nentry\t/opt/a b\tone\tmore\nowner\t/opt/a b\t/opt/a b/\t999\t999\t750\nowner\t/opt/a b\t/\t0\t0\t1777\nplace\t/x\tmissing\t1\t0\n";
  const owners = [
    { path: "/opt/a b", uid: 999, gid: 999, mode: 0o750 },
    { path: "/", uid: 0, gid: 0, mode: 0o1777 },
  ];
  expect(hostFactsIn(text)).toEqual({
    hasAvx: true,
    listeners: [],
    noted: new Map([["directory", "/opt/a"]]),
    places: new Map([
      ["/opt/a b", { kind: "directory", entries: ["one"], device: "65024", freeBytes: 4096, owners }],
      ["/x", { kind: "missing", entries: [], device: "1", freeBytes: 0, owners: [] }],
    ]),
  });
});

describe("the directories above the data", () => {
  const app = 65533;
  const dir = (path: string, uid = 0, mode = 0o755, gid = uid) => ({ path, uid, gid, mode });
  const uploadsBelow = (...above: Place["owners"]) => {
    const owners = [dir(settings.uploads.directory, app, 0o750), ...above];
    return { places: new Map([[settings.uploads.directory, place([], { owners })]]) };
  };
  const root = dir("/");

  it.each<[string, Place["owners"]]>([
    ["of root", [dir("/opt/rocketchat"), dir("/opt"), root]],
    ["of an operator", [dir("/home/ada/chat", 1000), dir("/home/ada", 1000, 0o700), dir("/home"), root]],
    ["of root with a sticky bit", [dir("/tmp/chat"), dir("/tmp", 0, 0o1777), root]],
    ["of a group that writes no data", [dir("/srv/chat", 0, 0o775, 100), dir("/srv"), root]],
  ])("may be %s", async (_what, above) => {
    expect(await lines(parents, uploadsBelow(...above))).toEqual([]);
  });

  it.each<[string, Place["owners"], string]>([
    [
      "the application",
      [dir("/srv/chat", app), dir("/srv"), root],
      "/srv/chat, which is of uid 65533, who writes data",
    ],
    ["everybody", [dir("/srv/chat"), dir("/srv", 0, 0o777), root], "/srv, to which everybody may write"],
    ["everybody, the data themselves", [dir("/tmp", 0, 0o1777), root], "/tmp, to which everybody may write"],
    [
      "the application's group",
      [dir("/srv/chat", 0, 0o770, app), dir("/srv"), root],
      "/srv/chat, to which the group 65533 of who writes data may write",
    ],
  ])("may not be open to %s", async (_who, above, why) => {
    const path = why.split(",")[0];
    expect(await lines(parents, uploadsBelow(...above))).toEqual([
      `uploads.directory: must lie below directories of root's alone, or whoever writes to one could put a link in its place (got /opt/rocketchat/uploads below ${why}); see who needs that, then on the server: chown root:root ${path} && chmod go-w ${path}`,
    ]);
  });
});

describe("uploads and other files in the workspace's directory", () => {
  const at = (real: string, kind: Place["kind"] = "directory") =>
    place(["something"], { kind, owners: [{ path: real, uid: 0, gid: 0, mode: 0o755 }] });
  const workspace = (home: string, uploads: Place, data: Place) => ({
    places: new Map([
      ["/opt/rocketchat", at(home)],
      ["/opt/rocketchat/uploads", uploads],
      ["/opt/rocketchat/data", data],
    ]),
  });
  const [uploads, data] = ["/opt/rocketchat/uploads", "/opt/rocketchat/data"];

  it("may be no links, which backups and restores do not follow", async () => {
    expect(await lines(links, workspace("/opt/rocketchat", at("/mnt/big/up"), at("/mnt/big/data")))).toEqual([
      `uploads.directory: must be no link in the workspace's directory, or backups and restores do not find what it leads to (got ${uploads}, which leads to /mnt/big/up); name that: pulumi config set --path 'rocketchat:uploads.directory' /mnt/big/up`,
      `rocketchat.dataDirectory: must be no link in the workspace's directory, or backups and restores do not find what it leads to (got ${data}, which leads to /mnt/big/data); name that: pulumi config set --path 'rocketchat:rocketchat.dataDirectory' /mnt/big/data`,
    ]);
  });

  it("may lie in a directory that is a link itself, be missing, or lie elsewhere", async () => {
    expect(
      await lines(links, workspace("/srv/chat", at("/srv/chat/uploads"), at("/srv", "missing"))),
    ).toEqual([]);
    expect(await lines(links, workspace("/opt/rocketchat", at(uploads), at(data)))).toEqual([]);
    const elsewhere = { ...settings, uploads: { ...settings.uploads, directory: "/mnt/linked" } };
    const places = new Map([
      ["/opt/rocketchat", at("/opt/rocketchat")],
      ["/mnt/linked", at("/mnt/big/up")],
    ]);
    expect(await lines(links, { places }, elsewhere)).toEqual([]);
  });

  it("have not moved where the settings name what the link leads to", async () => {
    const named = { ...settings, uploads: { ...settings.uploads, directory: "/mnt/big/up" } };
    const places = new Map([
      [uploads, at("/mnt/big/up")],
      ["/mnt/big/up", at("/mnt/big/up")],
    ]);
    const mounts = [{ container: "rocketchat", path: "/app/uploads", source: uploads }];
    expect(await lines(moved, { mounts, places }, named)).toEqual([]);
    places.set(uploads, at(uploads));
    expect(await lines(moved, { mounts, places }, named)).toHaveLength(1);
  });
});

describe("a database that would be another one", () => {
  const noted = new Map([
    ["directory", "/opt/rocketchat"],
    ["mongo.mode", "managed"],
    ["mongo.database", "rocketchat"],
    ["mongo.hostname", "mongodb-shared"],
    ["mongo.replicaSet", "rs0"],
  ]);
  const places = new Map([["/opt/rocketchat", place([".env", "uploads"])]]);
  const existing = { mode: "existing", hostname: "their-mongo", network: "their-data" };
  const withMongo = (mongo: object) => {
    const config = { ...stackConfig("prod"), mongo: JSON.stringify({ version: "8.0.20", ...mongo }) };
    return mongo === existing
      ? parseSettings({
          stack: "prod",
          config: { ...config, mongoAdminPassword: "x" },
          secretKeys: new Set(["mongoAdminPassword"]),
        })
      : parseSettings({ stack: "prod", config, secretKeys: new Set() });
  };

  const move = ", or move the workspace as docs/operate.md tells";
  const stored = ": the replica set has stored it";
  it.each<[string, object, string, string, string]>([
    ["mongo.mode", existing, "managed", "existing", move],
    ["mongo.database", { database: "other" }, "rocketchat", "other", move],
    ["mongo.hostname", { hostname: "other" }, "mongodb-shared", "other", stored],
    ["mongo.replicaSet", { replicaSet: "rs1" }, "rs0", "rs1", stored],
  ])("is refused by %s, once", async (key, mongo, was, is, way) => {
    expect(await lines(otherDatabase, { noted, places }, withMongo(mongo))).toEqual([
      `${key}: must stay "${was}", on which the workspace ran last (got "${is}"); set it back${way}`,
    ]);
  });

  it("is refused also from a borrowed server to one's own, and another member of the set is not", async () => {
    const borrowed = new Map([...noted, ["mongo.mode", "existing"]]);
    for (const key of ["mongo.hostname", "mongo.replicaSet"]) borrowed.delete(key);
    expect(await lines(otherDatabase, { noted: borrowed, places })).toEqual([
      expect.stringMatching(/^mongo\.mode: must stay "existing"/),
    ]);
    expect(await lines(otherDatabase, { noted: borrowed, places }, withMongo(existing))).toEqual([]);
  });

  it("is refused also where the directory has moved with it", async () => {
    const elsewhere = new Map([...noted, ["directory", "/srv/chat"]]);
    expect(
      await lines(otherDatabase, { noted: elsewhere, places }, withMongo({ database: "other" })),
    ).toHaveLength(1);
  });

  it("is nobody's to refuse before Rocket.Chat was there, on a host that does not know, and where nothing changed", async () => {
    const other = withMongo({ database: "other" });
    const early = new Map([["/opt/rocketchat", place(["secrets"])]]);
    expect(await lines(otherDatabase, { noted, places: early }, other)).toEqual([]);
    expect(await lines(otherDatabase, { noted }, other)).toEqual([]);
    expect(await lines(otherDatabase, { noted: new Map(), places }, other)).toEqual([]);
    expect(await lines(otherDatabase, { noted, places })).toEqual([]);
  });
});

describe("the host's note of where the workspace was", () => {
  const root = mkdtempSync(join(tmpdir(), "rocketchat-look-"));
  const note = noteOfPlaces(settings);
  const file = join(root, note);
  const databaseFile = join(root, noteOfDatabase(settings));
  mkdirSync(join(root, "srv/up/2026"), { recursive: true });
  mkdirSync(dirname(file), { recursive: true });
  afterEach(() => [file, databaseFile].forEach((path) => rmSync(path, { force: true })));
  afterAll(() => rmSync(root, { recursive: true }));

  /** Runs look.sh on a directory instead of the host's root. */
  function look(places: string) {
    const script = readFileSync(join(__dirname, "..", "scripts/host/look.sh"), "utf8").replaceAll(
      "/host",
      root,
    );
    const env = { ...process.env, NOTES: notesOf(settings).join(" "), PLACES: places };
    return hostFactsIn(execFileSync("sh", ["-euc", script], { env, encoding: "utf8", timeout: 10_000 }));
  }

  it("tells whose the directories above a place are", () => {
    const { places } = look("/srv/up/2026/missing");
    const owners = places.get("/srv/up/2026/missing")!.owners;
    expect(owners.map(({ path }) => path)).toEqual(["/srv/up/2026", "/srv/up", "/srv", "/"]);
    const { uid, mode } = statSync(join(root, "srv"));
    expect(owners[2]).toMatchObject({ uid, mode: mode & 0o7777 });
  });

  it("takes no name of a file for an answer of its own", () => {
    const names = ["a\nplace\t/opt/rocketchat\tfile\t1\t0", "b\nnoted\tmongo.database\tother", "c\td"];
    for (const name of names) writeFileSync(join(root, "srv", name.replaceAll("/", "")), "");
    writeFileSync(join(root, "srv", "e\nentry\t\tf"), "");
    const { noted, places } = look("/srv");
    for (const name of readdirSync(join(root, "srv")))
      if (/[\n\t]/.test(name)) rmSync(join(root, "srv", name));
    expect([...places.keys()]).toEqual(["/srv"]);
    expect(noted).toEqual(new Map());
    expect(places.get("/srv")!.entries.sort()).toEqual([
      "a?place?optrocketchat?file?1?0",
      "b?noted?mongo.database?other",
      "c?d",
      "e?entry??f",
      "up",
    ]);
  });

  it("is missing on a host that knows nothing", () => {
    const { noted, places } = look("/opt/rocketchat");
    expect(noted).toEqual(new Map());
    expect([...places.keys()]).toEqual(["/opt/rocketchat"]);
  });

  it("is what a deployment leaves, and what it names is looked at once", () => {
    const moved = { ...settings, uploads: { ...settings.uploads, directory: "/srv/up" } };
    writeFileSync(file, placesNote(moved));
    writeFileSync(databaseFile, databaseNote(moved));
    const { noted, places } = look("/opt/rocketchat");
    expect(Object.fromEntries(noted)).toEqual({
      directory: "/opt/rocketchat",
      "uploads.directory": "/srv/up",
      "rocketchat.dataDirectory": "/opt/rocketchat/data",
      "mongo.directory": "/opt/mongodb-shared",
      "mongo.dataDirectory": "/opt/mongodb-shared/data",
      "ingress.directory": "/opt/traefik",
      "mongo.mode": "managed",
      "mongo.database": "rocketchat",
      "mongo.hostname": "mongodb-shared",
      "mongo.replicaSet": "rs0",
    });
    expect([...places.keys()].every((path) => path.startsWith("/"))).toBe(true);
    expect(places.get("/srv/up")?.entries).toEqual(["2026"]);
    expect(look("/opt/rocketchat /srv/up").places.get("/srv/up")?.entries).toEqual(["2026"]);
  });

  it.each<[string, string | Buffer, [string, string][]]>([
    ["empty", "", []],
    ["cut off in a path", "directory\t/srv/chat\nuploads.directory\t/srv", [["directory", "/srv/chat"]]],
    ["of other lines", "\n\t\n/srv/up\nuploads.directory\nuploads.directory\tsrv/up\nx\t/srv/*\n", []],
    ["no text", Buffer.from([0, 255, 10, 9, 47, 10, 0, 9, 47, 255, 10, 27]), []],
    ["endless", `directory\t/srv/chat\n${"x".repeat(70_000)}`, []],
  ])("that is %s stops nobody", (_what, content, expected) => {
    writeFileSync(file, content);
    expect([...look("/opt/rocketchat").noted]).toEqual(expected);
    expect(look("/srv/up").places.get("/srv/up")?.entries).toEqual(["2026"]);
  });

  it("that is no file at all stops nobody", () => {
    execFileSync("mkfifo", [file]);
    expect([...look("/opt/rocketchat").noted]).toEqual([]);
  });

  it("is a stack's own, whatever its neighbours on the engine are called", () => {
    const names = [
      ["prod", ""],
      ["prod", "b-"],
      ["prod.b-", ""],
      ["staging", ""],
    ].map(([stack = "", prefix = ""]) => noteOfPlaces({ ...settings, stack, prefix }));
    expect(new Set(names).size).toBe(names.length);
  });

  it("leaves no directory that earlier settings made, and the backups themselves, with --delete-data", () => {
    const { backup, ...without } = settings;
    expect(dataDirectories(without).paths).toContain("/opt/rocketchat/backup");
    expect(dataDirectories(without).paths).toContain("/opt/traefik/test-ca");
    const { paths, repository } = dataDirectories(settings);
    expect([repository, paths.includes(backup!.repository)]).toEqual([backup!.repository, false]);
    const all = inventoryOf(settings).directories.map(({ path }) => path);
    expect(all.filter((path) => !paths.includes(path))).toEqual([backup!.repository]);
  });

  it("goes last of all with --delete-data", () => {
    const { paths, parents } = dataDirectories(settings);
    expect(paths.at(-1)).toBe(note);
    expect(parents.at(-1)).toBe(dirname(note));
  });
});
