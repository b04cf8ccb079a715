import { createHash, randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Clone, type Run } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { KilledUp } from "../integration/killed-up";
import { type Session, Site, until } from "../integration/site";

// One workspace that loses what Pulumi knows of it, again and again, and goes on: the tests build on each other.
const apart = { prefix: "itc-", httpPort: 20080, httpsPort: 20443 };
const chat = "itc-rocketchat";
const secretDirectories = ["/opt/itc-rocketchat/secrets", "/opt/itc-mongodb-shared/secrets"];
const docker = new DockerCli();
const clone = new Clone("recover");
const local = join(clone.directory, ".state/local");
const stateFile = join(local, ".pulumi/stacks/rocketchat/local.json");
const keyFile = "/opt/itc-rocketchat/secrets/env-fingerprint-key";

let site: Site;
let admin: Session;
let upload: { path: string; hash: string };
let secrets: Record<string, string>;

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
/** Every container, with what a restart or a replacement would change. */
const running = () =>
  Object.fromEntries(
    docker
      .containers(apart.prefix)
      .map((name) => [name, docker.inspect(name, "{{.Id}} {{.State.StartedAt}} {{.RestartCount}}")]),
  );
const secretsOnHost = () => docker.secretsIn(secretDirectories.join(" "));

async function ok(run: Promise<Run>): Promise<Run> {
  const done = await run;
  expect(done.status, done.output).toBe(0);
  return done;
}

/** What an operator wants of a rebuilt state: nothing was restarted or lost, nothing is planned, nothing is in plain text. */
async function expectRecovered(before: Record<string, string>, recovered: Run): Promise<void> {
  expect(recovered.output).toContain(
    "its state was rebuilt; nothing was restarted, and the next preview is empty",
  );
  expect(running()).toEqual(before);
  await clone.pulumi("preview", "--expect-no-changes");
  expect(await clone.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")).not.toContain(
    "updated",
  );
  await expectDataKept();

  const text = readFileSync(stateFile, "utf8");
  expect(Object.keys(secrets)).toHaveLength(6);
  expect(Object.entries(secrets).filter(([, value]) => text.includes(value))).toEqual([]);
  expect(text).not.toContain("plaintext");
  const { resources } = (JSON.parse(text) as Stored).checkpoint.latest;
  const answers = resources.filter(({ additionalSecretOutputs }) =>
    additionalSecretOutputs?.includes("stdout"),
  );
  expect(answers).toHaveLength(5);
  for (const { outputs } of answers) expect(outputs["stdout"]).toHaveProperty("ciphertext");
}

interface Stored {
  checkpoint: { latest: { resources: Kept[] } };
}

interface Kept {
  additionalSecretOutputs?: string[];
  outputs: Record<string, unknown>;
}

async function expectDataKept(): Promise<void> {
  expect(secretsOnHost()).toEqual(secrets);
  await until("the workspace answers", () => site.json("GET", "/api/info"));
  expect(await admin.messages()).toContain("before the state was lost");
  expect(sha256(await admin.download(upload.path))).toBe(upload.hash);
  const password = await clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
  expect(password).toBe(secrets["/opt/itc-rocketchat/secrets/admin-password"]);
}

beforeAll(async () => {
  clone.setApart(apart);
  await ok(clone.npm("up"));
  const root = readFileSync(join(local, "test-ca-root.pem"), "utf8");
  site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  secrets = secretsOnHost();
  admin = await site.login("admin", secrets["/opt/itc-rocketchat/secrets/admin-password"]!);
  await admin.post("before the state was lost");
  const bytes = randomBytes(300_000);
  upload = { path: await admin.upload("kept.bin", bytes), hash: sha256(bytes) };
});

afterAll(() => {
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  for (const name of docker.networks(apart.prefix)) docker.run("network", "rm", name);
  docker.forget(apart.prefix);
  docker.onHost("rm -rf /opt/itc-rocketchat /opt/itc-mongodb-shared /opt/itc-traefik");
  clone.remove();
});

it("a state that knows everything is left as it is", async () => {
  const before = readFileSync(stateFile, "utf8");
  const refused = await clone.npm("recover");
  expect(refused.status).toBe(1);
  expect(refused.output).toContain("there is nothing to recover, use npm run up");
  expect(resourcesOf(readFileSync(stateFile, "utf8"))).toEqual(resourcesOf(before));
  await clone.pulumi("preview", "--expect-no-changes");
});

it("while another deployment is at work it is refused, and told whose", async () => {
  const locks = join(local, ".pulumi/locks/organization/rocketchat/local");
  mkdirSync(locks, { recursive: true });
  const file = join(locks, "12345678-1234-4234-8234-123456789abc.json");
  const lock = {
    pid: process.pid,
    username: "ana",
    hostname: hostname(),
    timestamp: new Date().toISOString(),
  };
  writeFileSync(file, JSON.stringify(lock));
  const refused = await clone.npm("recover");
  expect(refused.status).toBe(1);
  expect(refused.output).toContain(`ana@${hostname()}, process ${process.pid}, since ${lock.timestamp}`);
  rmSync(file);
});

it("the whole state directory is lost: up says what helps, recover rebuilds it, nothing is restarted", async () => {
  const before = running();
  rmSync(local, { recursive: true });

  const up = await clone.npm("up");
  expect(up.status).toBe(1);
  expect(up.output).toMatch(
    /its state must know its containers \(got .*itc-rocketchat.*\); nothing was changed; run: npm run recover/,
  );
  const down = await clone.npm("down", ["--delete-data"], "local\n");
  expect(down.status).toBe(1);
  expect(down.output).toContain("which it does not know");
  expect(running()).toEqual(before);
  expect(secretsOnHost()).toEqual(secrets);
  expect(await admin.messages()).toContain("before the state was lost");

  // Killed in the middle, when ids are recorded and nothing was read back.
  const killed = new KilledUp(clone);
  const isRecorded = () => killed.recorded().some(({ type }) => type.endsWith(":Container"));
  const status = await killed.killedWhen(isRecorded, [], 120, "recover");
  expect(status, killed.output()).toBeUndefined();
  const again = await clone.npm("up");
  expect(again.output).toContain("its recovery must be finished (got one that was interrupted)");

  await expectRecovered(before, await ok(clone.npm("recover")));
});

it("an older state, from before a change: recover brings it to what runs", async () => {
  const older = join(clone.directory, ".state/older");
  cpSync(local, older, { recursive: true });
  clone.configure([["rocketchat:uploads"], { maxSize: "77MiB" }]);
  await ok(clone.npm("up")); // and a changed setting works on a rebuilt state
  const before = running();
  const kept = readFileSync(stateFile, "utf8");
  rmSync(local, { recursive: true });
  cpSync(older, local, { recursive: true });
  expect(readFileSync(stateFile, "utf8")).not.toBe(kept);

  const up = await clone.npm("up");
  expect(up.output).toContain("(got itc-rocketchat, which it does not know");
  expect(running()).toEqual(before);

  const recovered = await ok(clone.npm("recover"));
  expect(recovered.output).toContain("the state that was there is kept in .state/recovered/local-");
  expect(readdirSync(join(clone.directory, ".state/recovered"))).toHaveLength(1);
  await expectRecovered(before, recovered);
});

it("what is gone from the engine is made by the next up, and without its key Rocket.Chat is replaced once, as announced", async () => {
  const before = running();
  docker.run("rm", "--force", "itc-test-ca");
  docker.onHost(`rm ${keyFile}`);
  rmSync(local, { recursive: true });

  const recovered = await ok(clone.npm("recover"));
  expect(recovered.output).toContain(`${keyFile}: is not on the host`);
  expect(recovered.output).toMatch(/the next npm run up will:\n(.*\n)*.*create test-ca \(.*Container\)/);
  expect(recovered.output).toMatch(/replace rocketchat \(.*Container\)/);
  expect(running()).toEqual(
    Object.fromEntries(Object.entries(before).filter(([name]) => name !== "itc-test-ca")),
  );

  await ok(clone.npm("up"));
  secrets[keyFile] = secretsOnHost()[keyFile]!;
  const after = running();
  const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
  expect(changed.sort()).toEqual([chat, "itc-test-ca"].sort());
  await clone.pulumi("preview", "--expect-no-changes");
  await expectDataKept();
});

it("down takes a rebuilt stack away and keeps its data", async () => {
  await ok(clone.npm("down"));
  expect(docker.containers(apart.prefix)).toEqual([]);
  expect(docker.networks(apart.prefix)).toEqual([]);
  expect(secretsOnHost()).toEqual(secrets);
});

it("a recovery that was interrupted stands in nobody's way once nothing runs", async () => {
  const marker = join(clone.directory, ".state/recovered/local.unfinished");
  writeFileSync(marker, "");
  const waiting = await clone.npm("down");
  expect(waiting.output).toContain("its recovery must be finished (got one that was interrupted)");
  const recovered = await clone.npm("recover");
  expect(recovered.output).toContain("there is nothing to recover, use npm run up");
  expect(existsSync(marker)).toBe(false);
});

/** But for the ciphertexts, which are others whenever a state is stored. */
function resourcesOf(state: string): unknown {
  const { checkpoint } = JSON.parse(state.replaceAll(/"ciphertext": ?"[^"]*"/g, '"ciphertext":""')) as Stored;
  return checkpoint.latest.resources;
}
