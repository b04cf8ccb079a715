import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findings, type Inspected } from "./cis";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { Site, until } from "./site";
import { Watch } from "./watch";

// Secrets that are known beforehand lie on the host, as after a lost state; then everything that can be read is searched for them.
const apart = { prefix: "itp-", httpPort: 21080, httpsPort: 21443 };
const docker = new DockerCli();
const clone = new Clone("secrets");

/** Whatever a person may choose: quotes, blanks, what a shell, `.env`, JSON or a URI would read otherwise. */
const planted: Record<string, string>[] = [
  {
    "itp-rocketchat/secrets/admin-password": `Aa1 it's "so" $HOME #not-a-comment`,
    "itp-rocketchat/secrets/mongo-password": "p@ss/w:rd?%41&x=1 é#$(id)",
    "itp-mongodb-shared/secrets/root-password": "root \\ ` ' \" $PATH ${X} #1",
    "itp-mongodb-shared/secrets/monitor-password": "mönitor 'quoted' = * ! ~",
    "itp-mongodb-shared/secrets/keyfile": randomBytes(48).toString("base64"),
  },
  {
    "itp-rocketchat/secrets/admin-password": "Bb2 `tick` \\n ${ADMIN_PASS} ünïcode 日本",
    "itp-rocketchat/secrets/mongo-password": `'"mixed quotes"' +%20`,
    "itp-mongodb-shared/secrets/root-password": "second;root|password>x",
    "itp-mongodb-shared/secrets/monitor-password": "second <monitor> & {password}",
    "itp-mongodb-shared/secrets/keyfile": randomBytes(48).toString("base64"),
  },
];
const tokens = ["first token's $VALUE #1", 'second "token" `value`'];
/** Rocket.Chat keeps them in its database, as they are. */
const mailPasswords = ["first mail's $PASSWORD #1", 'second "mail" `password` é'];

const secrets = new Map<string, string>();
const places = new Map<string, string>();
/** Files of the host that hold a secret, with mode and owner. */
const holders = new Set<string>();
/** Users that the containers run as. */
const uids = new Map<string, string>();
const helpers: Inspected[] = [];
const watch: Watch[] = [];

/** As the host keeps secrets; each goes in by standard input. */
async function plant(values: Record<string, string>): Promise<void> {
  for (const [file, value] of Object.entries(values)) {
    const script = `umask 077; mkdir -p "$(dirname "/opt/$FILE")"; cat > "/opt/$FILE"; chmod 0400 "/opt/$FILE"; echo 1 > "/opt/$FILE.generation"`;
    const args = ["run", "--rm", "--interactive", "--log-driver", "none", "--env", `FILE=${file}`];
    const run = await clone.run(
      "docker",
      [...args, "--volume", "/opt:/opt", docker.helperImage()!, "sh", "-c", script],
      value,
    );
    if (run.status !== 0) throw new Error(run.output);
    remember(file, value);
  }
}

/** A secret also in the spellings that it travels in. */
function remember(name: string, value: string): void {
  secrets.set(`${name} ${secrets.size}`, value);
  const spellings = [encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
  for (const spelling of spellings) if (spelling !== value) secrets.set(`${name} ${secrets.size}`, spelling);
}

/** Runs a command of the operator's, and keeps everything that it and the host showed meanwhile. */
async function watched(title: string, work: () => Promise<Run>): Promise<Run> {
  const looking = new Watch();
  watch.push(looking);
  const run = await looking.during(work);
  places.set(`the output of ${title} (${places.size})`, run.output);
  return run;
}

async function setSecret(key: string, value: string): Promise<void> {
  const set = await clone.npm("pulumi", ["config", "set", "--secret", key], value);
  if (set.status !== 0) throw new Error(set.output);
  const copy = readFileSync(join(clone.directory, ".state/local/Pulumi.local.yaml"), "utf8");
  const { config } = parse(copy) as { config: Record<string, unknown> };
  clone.configure([[key], config[key]]);
  remember(key, value);
}

/** Everything that outlives a deployment and is not meant to hold a secret in plain text. */
async function look(): Promise<void> {
  const key = (what: string) => `${what} (${places.size})`;
  for (const name of docker.containers(apart.prefix)) {
    places.set(key(`docker logs ${name}`), (await clone.run("docker", ["logs", name])).output);
  }
  for (const name of docker.networks(apart.prefix))
    places.set(key(name), docker.run("network", "inspect", name));
  const images = docker.run("images", "--quiet").split("\n");
  places.set(key("docker image inspect"), docker.run("image", "inspect", ...images));
  places.set(key("preview --diff"), await clone.pulumi("preview", "--diff"));
  places.set(key("preview --json"), await clone.pulumi("preview", "--json"));
  places.set(key("stack export"), await clone.pulumi("stack", "export"));
  for (const file of readdirSync(join(clone.directory, ".state"), { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    // Compiled code is made of sources alone.
    const isRead = file.name !== "passphrase" && !path.includes("/.state/compiled/");
    if (file.isFile() && isRead) places.set(key(path), readFileSync(path, "latin1"));
  }
}

/** Looks for the secrets in every file of the stack's directories and of the engine's records of containers. */
async function searchHost(): Promise<void> {
  const root = docker.run("info", "--format", "{{.DockerRootDir}}");
  const directories = ["rocketchat", "mongodb-shared", "traefik"].map(
    (part) => `/opt/${apart.prefix}${part}`,
  );
  const script = `grep -rlF -f - ${directories.join(" ")} ${root}/containers | xargs stat -c '%n %a %u'`;
  const mounts = ["/opt", `${root}/containers`].flatMap((path) => ["--volume", `${path}:${path}:ro`]);
  const args = ["run", "--rm", "--interactive", "--log-driver", "none", "--network", "none", ...mounts];
  const inFiles = [...secrets].filter(([name]) => !name.startsWith("rocketchat:smtpPassword"));
  const patterns = inFiles.map(([, secret]) => secret).join("\n");
  const run = await clone.run("docker", [...args, docker.helperImage()!, "sh", "-c", script], patterns);
  if (run.status !== 0) throw new Error(run.output);
  for (const holder of run.stdout.trim().split("\n")) holders.add(holder);
}

async function upOrFail(title: string): Promise<void> {
  const up = await watched(title, () => clone.npm("up"));
  if (up.status !== 0) throw new Error(up.output);
}

async function login(): Promise<void> {
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  const site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  const password = await clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
  await until("the administrator logs in", () => site.login("admin", password));
}

afterAll(async () => {
  await clone.npm("down", ["--delete-data"], "local\n");
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  docker.shell(
    docker.helperImage()!,
    "rm -rf /opt/itp-rocketchat /opt/itp-mongodb-shared /opt/itp-traefik",
    "--volume",
    "/opt:/opt",
  );
  clone.remove();
});

beforeAll(async () => {
  clone.setApart(apart);
  for (const [round, values] of planted.entries()) {
    await plant(values);
    await upOrFail("npm run up");
    await login();
    await setSecret("rocketchat:registrationToken", tokens[round]!);
    await setSecret("rocketchat:smtpPassword", mailPasswords[round]!);
    const mail = { host: "smtp.example.org", user: "chat", sender: "chat@example.org" };
    clone.configure([["rocketchat:workspace", "mail"], mail]);
    await upOrFail("npm run up with another token");
    await look();
    if (round === 0) {
      // A step fails that is given the administrator's and the application's password.
      // Not paused, which `up` would set back: mongod itself stands still.
      docker.run("kill", "--signal", "STOP", "itp-mongodb-shared");
      clone.configure([["rocketchat:mongo", "user"], "another"]);
      const failed = await watched("npm run up that fails", () => clone.npm("up"));
      expect(failed.status).not.toBe(0);
      clone.configure([["rocketchat:mongo", "user"], undefined]);
      docker.run("kill", "--signal", "CONT", "itp-mongodb-shared");
      await look();
    }
    await searchHost();
    for (const part of ["rocketchat", "mongodb-shared"])
      uids.set(part, docker.run("exec", apart.prefix + part, "id", "-u"));
    remember("passphrase", readFileSync(join(clone.directory, ".state/local/passphrase"), "utf8"));
    const exported = await clone.pulumi("stack", "export", "--show-secrets");
    for (const [, value] of exported.matchAll(/"result": \{[^}]*"plaintext": "\\"([^"\\]+)\\""/g)) {
      remember("a random value", value!);
    }
    clone.configure(
      [["rocketchat:registrationToken"], undefined],
      [["rocketchat:smtpPassword"], undefined],
      [["rocketchat:workspace"], undefined],
    );
    const down = await watched("npm run down", () => clone.npm("down", ["--delete-data"], "local\n"));
    if (down.status !== 0) throw new Error(down.output);
  }
}, 600_000);

describe("twenty and more known secrets", () => {
  it("are known", () => {
    const originals = [...secrets.values()];
    expect(originals.length).toBeGreaterThanOrEqual(20);
    expect(originals.every((secret) => secret.length >= 12)).toBe(true);
  });

  it("stand in no output, preview, state, log, image or network", () => {
    expect(places.size).toBeGreaterThan(40);
    expect(hits(places)).toEqual([]);
  });

  it("stand in the files of the host that are meant to hold them, each its reader's alone, and in no other", () => {
    expect([...holders].sort()).toEqual([
      `/opt/itp-mongodb-shared/secrets/keyfile 400 ${uids.get("mongodb-shared")}`,
      "/opt/itp-mongodb-shared/secrets/monitor-password 400 0",
      "/opt/itp-mongodb-shared/secrets/root-password 400 0",
      `/opt/itp-rocketchat/.env 600 ${uids.get("rocketchat")}`,
      "/opt/itp-rocketchat/secrets/admin-password 400 0",
      "/opt/itp-rocketchat/secrets/mongo-password 400 0",
    ]);
  });

  it("stand in no process list while the commands run", () => {
    const commands = watch.flatMap((seen) => [...seen.commands]);
    expect(commands.filter((line) => line.includes("scripts/host/helper.sh")).length).toBeGreaterThan(5);
    expect(hits(new Map(commands.map((line) => [line.slice(0, 80), line])))).toEqual([]);
  });

  it("stand in no environment of the commands' own shells and docker clients", () => {
    const environments = watch.flatMap((seen) => [...seen.environments]);
    expect(environments.filter((text) => text.includes("HELPER_IMAGE=")).length).toBeGreaterThan(5);
    expect(hits(new Map(environments.map((text) => [text.slice(0, 80), text])))).toEqual([]);
  });

  it("stand in no container's description, also not of those that live for a moment", () => {
    const containers = watch.flatMap((seen) => [...seen.containers.values()]);
    helpers.push(...containers.map((text) => JSON.parse(text) as Inspected).filter(isHelper));
    expect(helpers.length).toBeGreaterThan(10);
    expect(hits(new Map(containers.map((text) => [text.slice(0, 80), text])))).toEqual([]);
  });
});

it("the containers that prepare the host are root with three capabilities, and nothing more", () => {
  const found = helpers.map((helper) => Object.keys(findings(helper)).join("; "));
  expect(new Set(found)).toEqual(
    new Set([
      "4.1 not root; 5.3 every capability dropped; 5.11 processors limited; 4.6, 5.26 health checked",
    ]),
  );
  const capabilities = helpers.map(({ HostConfig }) =>
    HostConfig.CapAdd?.map((name) => name.replace("CAP_", "")).sort(),
  );
  // What it answers may be a secret, and the engine would keep it in a file.
  expect(new Set(helpers.map(({ HostConfig }) => HostConfig.LogConfig.Type))).toEqual(new Set(["none"]));
  expect(new Set(capabilities.map(String))).toEqual(new Set(["CHOWN,DAC_OVERRIDE,FOWNER"]));
});

function isHelper({ HostConfig, Config, Mounts }: Inspected): boolean {
  const ours = Mounts.some(({ Source }) => Source.startsWith("/opt/itp-"));
  return ours && Config.User === "0" && HostConfig.NetworkMode === "none";
}

function hits(texts: Map<string, string>): string[] {
  return [...texts].flatMap(([place, text]) =>
    [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => `${name} in ${place}`),
  );
}
