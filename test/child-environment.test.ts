import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deleteData } from "../commands/down/data";
import { Host } from "../engine/host";
import { endLeftovers } from "../commands/state/leftovers";
import { mailDialogue } from "../commands/mail/dialogue";
import { registrationNotice } from "../commands/up/registration";
import type { Stack } from "../commands/stack/stack";
import { observe } from "../commands/status/observe";
import { capture } from "../terminal/steps";
import { dockerView } from "../commands/state/rebuild";
import { serviceOf, usersOf } from "../commands/up/unknown-service";
import { Relay } from "../workspace/relay";
import { clientEnvironment, isSecretVariable, withoutSecrets } from "../terminal/child-environment";
import { parseSettings } from "../settings/parse";
import { faultsOn } from "../preflight/faults";
import { sharedServers } from "../preflight/shared-servers";
import type { Settings } from "../settings/schema";
import { stackConfig } from "./settings-stack-file";

const root = join(__dirname, "..");
/** As a deployment has them in its environment. */
const planted = {
  PULUMI_CONFIG: '{"rocketchat:smtpPassword":"planted-config"}',
  PULUMI_CONFIG_PASSPHRASE: "planted-passphrase",
  PULUMI_ACCESS_TOKEN: "planted-token",
  AWS_ACCESS_KEY_ID: "planted-key-id",
  AWS_SECRET_ACCESS_KEY: "planted-key",
  AZURE_STORAGE_KEY: "planted-azure",
  GITHUB_TOKEN: "planted-github",
  PLAIN_BUT_UNKNOWN: "planted-unknown",
};
const settings = parseSettings({ stack: "prod", config: stackConfig("prod"), secretKeys: new Set() });
let directory: string;
let seen: string;
let stack: Stack;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "rocketchat-environment-"));
  seen = join(directory, "seen");
  const bin = join(directory, "bin");
  mkdirSync(bin);
  const script = `#!/bin/sh\n{ echo "== \${0##*/} $*"; env; } >> '${seen}'\necho said by a stub >&2\nexit 1\n`;
  for (const name of ["docker", "ssh"]) writeFileSync(join(bin, name), script, { mode: 0o755 });
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env["PATH"]}`);
  vi.stubEnv("ROCKETCHAT_DEPLOYMENT", "whose-work");
  for (const [name, value] of Object.entries(planted)) vi.stubEnv(name, value);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  stack = { name: "prod", env: { ...process.env }, configArgs: [] };
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

const host = () => new Host(settings.engine, settings.helperImage, stack.env);
const borrowing = {
  ...settings,
  mongo: { ...settings.mongo, mode: "existing", network: "n", admin: "root" },
  secrets: {},
} as unknown as Settings;

describe("a docker client gets what it needs and no secret", () => {
  it.each<[string, () => unknown]>([
    ["preflight", () => faultsOn(settings)],
    ["preflight of shared servers", () => sharedServers(borrowing)],
    ["status", () => observe(settings)],
    ["a command's docker", () => host().try(["version"])],
    ["a command's docker with the operator's terminal", () => host().attended(["exec", "chat", "true"])],
    [
      "a command's script on the host",
      () => host().tryScript("scripts/host/read-file.sh", "/x", { FILE: "/x/y" }),
    ],
    [
      "a command's script in MongoDB",
      () => host().mongosh("scripts/mongo/count.js", "mongo", { DATABASE: "d" }, {}),
    ],
    ["a command's script in Rocket.Chat", () => host().node("scripts/rocketchat/probe.js", "chat", {})],
    [
      "removing data",
      () =>
        deleteData(
          {
            engine: settings.engine,
            helperImage: "b",
            databaseStays: false,
            paths: ["/opt/x/y"],
            parents: ["/opt/x"],
          },
          stack.env,
        ),
    ],
    ["the end of leftovers", () => endLeftovers(stack, [settings.engine])],
    ["a mail", () => mailDialogue(settings.engine, "chat", {} as Parameters<typeof mailDialogue>[2])],
    ["the notice on registration", () => registrationNotice(stack, settings)],
    [
      "the relay to the API",
      () =>
        new Relay({ engine: settings.engine, container: "chat", port: 3000 }).send({
          method: "GET",
          path: "/",
          headers: {},
        }),
    ],
    ["a recovery", () => dockerView(stack.env).find(settings.engine, "container", "chat")],
    [
      "a recovery's look at a file",
      () => dockerView(stack.env).read({ MOUNT: "/x", HELPER_IMAGE: "b" }, "/x/y"),
    ],
  ])("%s", async (_what, run) => {
    await Promise.resolve(run()).catch(() => undefined);
    const text = existsSync(seen) ? readFileSync(seen, "utf8") : "";
    expect(text).toContain("== docker ");
    expect(text).toContain("PATH=");
    expect(text).not.toContain("planted-");
  });
});

it("the last look before data are removed sees whoever has them, and no other stack of the same name", async () => {
  const lines = [
    "id1\tstore\t/srv/db,/etc/localtime",
    "id2\tlodger\t/opt/chat/uploads/avatars",
    "id3\tarchiver\t/opt/chat",
    "id5\tother-without-anything\t",
    "id4\tother-mongodb-shared\t/opt/other/uploads,/opt/chat/uploads-of-others",
  ];
  writeFileSync(
    join(directory, "bin", "docker"),
    `#!/bin/sh\nprintf '${lines.join("\\n").replaceAll("\t", "\\t")}\\n'\n`,
    { mode: 0o755 },
  );
  const own = { ...settings, mongo: { ...settings.mongo, hostname: "store" } };
  const names = async (there: Promise<{ name: string }[]>) => (await there).map(({ name }) => name);
  expect(await names(serviceOf(stack, own))).toEqual(["store"]);
  expect(await names(usersOf(stack, own, ["/opt/chat/uploads"]))).toEqual(["store", "lodger", "archiver"]);
  const renamed = { ...settings, mongo: { ...settings.mongo, hostname: "renamed-since" } };
  expect(await names(usersOf(stack, renamed, ["/srv/db"]))).toEqual(["store"]);
});

describe("a script of a deployment's step calls docker without Pulumi's secrets", () => {
  const step = (script: string, environment: Record<string, string>, ...args: string[]) =>
    spawnSync("sh", [script, ...args], {
      cwd: root,
      encoding: "utf8",
      input: "",
      env: { ...process.env, DOCKER_HOST: "unix:///x", ...environment },
    });

  it.each<[string, Record<string, string>, string[]]>([
    [
      "scripts/host/helper.sh",
      { HELPER_IMAGE: "b", MOUNT: "/x", PASS: "FILE", FILE: "f" },
      ["scripts/host/read-file.sh"],
    ],
    [
      "scripts/host/helper.sh",
      { HELPER_IMAGE: "b", MOUNT: "/x", PASS: "", OWNER_IMAGE: "i" },
      ["scripts/host/read-file.sh"],
    ],
    [
      "scripts/host/exec-script.sh",
      { CONTAINER: "c", PASS: "A", A: "1" },
      ["node", "scripts/rocketchat/probe.js"],
    ],
    [
      "scripts/host/exec-script.sh",
      { IMAGE: "i", NETWORK: "n", PASS: "A", A: "1" },
      ["mongosh", "scripts/mongo/count.js"],
    ],
    ["scripts/host/limit-pids.sh", { CONTAINER_ID: "c", PIDS: "7" }, []],
    ["scripts/host/refuse-while-lent.sh", { NETWORKS: "n", CONTAINERS: "c" }, []],
    ["scripts/host/copy-program.sh", { IMAGE: "i", PROGRAM: "/p", DIRECTORY: "/d" }, []],
    [
      "scripts/test-ca/keep-root.sh",
      { HELPER_IMAGE: "b", MOUNT: "/x", ROOT_FILE: "/x/r", CONTAINER: "c" },
      [],
    ],
  ])("%s %o", (script, environment, args) => {
    vi.stubEnv("SEVERAL", "lines\nplanted-second line=x");
    expect(step(script, environment, ...args).stderr).toContain("said by a stub");
    const text = readFileSync(seen, "utf8");
    expect(text).toContain("ROCKETCHAT_DEPLOYMENT=whose-work");
    expect(text).not.toContain("planted-");
    for (const name of environment["PASS"]?.split(" ").filter(Boolean) ?? [])
      expect(text).toContain(`${name}=${environment[name]}`);
  });

  it("scripts/host/close-wizard.sh, also where it restarts the container", () => {
    const open = `#!/bin/sh\n{ echo "== docker $*"; env; } >> '${seen}'\nif [ "$1" = exec ]; then echo pending; fi\n`;
    writeFileSync(join(directory, "bin", "docker"), open, { mode: 0o755 });
    const gate = { GATE_ADDRESS: "traefik", GATE_PORT: "443", GATE_HOSTNAME: "chat.example.org" };
    const { status, stderr } = step("scripts/host/close-wizard.sh", {
      CONTAINER: "c",
      PORT: "3000",
      STOP_SECONDS: "9",
      ...gate,
    });
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("still open after a restart (pending)") as string,
    });
    const text = readFileSync(seen, "utf8");
    expect(text.match(/^== docker \S+/gm)).toEqual([
      "== docker exec",
      "== docker restart",
      "== docker exec",
      "== docker exec",
    ]);
    expect(text).toContain("== docker restart --time 9 c\n");
    expect(text).toContain("SETTING=Show_Setup_Wizard\n");
    for (const [name, value] of Object.entries(gate)) expect(text).toContain(`${name}=${value}\n`);
    expect(text).not.toContain("planted-");
  });

  it("but with those that the operator names", () => {
    vi.stubEnv("ROCKETCHAT_CLIENT_VARIABLES", "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY");
    step("scripts/host/limit-pids.sh", { CONTAINER_ID: "c", PIDS: "7" });
    const kept = readFileSync(seen, "utf8").match(/planted-\S+/g);
    expect(kept?.sort()).toEqual(["planted-key", "planted-key-id"]);
  });

  it("and ssh is opened without them", () => {
    vi.stubEnv("ROCKETCHAT_SSH_DIRECTORY", join(directory, "sockets"));
    vi.stubEnv("SEVERAL", "lines\nabcDEF=\nplanted-second line=x");
    const dial = ["host", "docker", "system", "dial-stdio"];
    const { stderr } = spawnSync("sh", ["scripts/ssh/ssh", ...dial], {
      cwd: root,
      encoding: "utf8",
      input: "",
    });
    expect(stderr).toBe("said by a stub\n");
    const text = readFileSync(seen, "utf8");
    expect(text).toContain("== ssh -N -f");
    expect(text).not.toContain("planted-");
  });
});

describe("the environment of a child", () => {
  it("of docker is a list of names, and what is given to it", () => {
    const from = {
      ...planted,
      PATH: "/bin",
      HOME: "/root",
      DOCKER_CONFIG: "/c",
      SSH_AUTH_SOCK: "/s",
      LC_ALL: "C",
    };
    expect(clientEnvironment({ DOCKER_HOST: "x" }, from)).toEqual({
      PATH: "/bin",
      HOME: "/root",
      DOCKER_CONFIG: "/c",
      SSH_AUTH_SOCK: "/s",
      LC_ALL: "C",
      DOCKER_HOST: "x",
    });
    expect(clientEnvironment({}, { A: "1", B: "2", ROCKETCHAT_CLIENT_VARIABLES: "A" })["A"]).toBe("1");
  });

  it("of another tool is everything but what its name says is a secret", async () => {
    expect(withoutSecrets({ ...planted, GOPROXY: "off", PATH: "/bin" })).toEqual({
      PLAIN_BUT_UNKNOWN: "planted-unknown",
      GOPROXY: "off",
      PATH: "/bin",
    });
    const { stdout } = await capture({ command: "env", args: [] });
    expect(stdout).toContain("planted-unknown");
    expect(stdout.match(/planted-\S+/g)).toHaveLength(1);
  });

  it("of a package's own scripts has no secret but the registry's", () => {
    for (const name of [
      "PULUMI_CONFIG_PASSPHRASE",
      "AWS_SECRET_ACCESS_KEY",
      "github_token",
      "SSH_PRIVATE_KEY",
    ])
      expect(isSecretVariable(name)).toBe(true);
    for (const name of ["PATH", "SSH_AUTH_SOCK", "PULUMI_BACKEND_URL", "GOAUTHOR"])
      expect(isSecretVariable(name)).toBe(false);
  });
});
