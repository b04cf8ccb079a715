import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Clone, type Run } from "../integration/clone";
import { DockerCli, lines } from "../integration/engine";
import { KilledUp, type Recorded } from "../integration/killed-up";
import { Site, until } from "../integration/site";

// `npm run up` is killed with all its process group, again and again, each time as soon as one more resource is recorded, until it
// ends by itself. One at a time (`--parallel 1`), so that each gets a kill of its own.
const apart = { prefix: "itk-", httpPort: 32080, httpsPort: 32443 };
const serially = ["--parallel", "1"];
const docker = new DockerCli();
const clone = new Clone("killed");
const up = new KilledUp(clone);

interface Kill {
  /** What was recorded since the kill before. */
  recorded: Recorded[];
}

/** A resource and what it was made from: an update is one more record, too. A ciphertext is another one whenever it is stored. */
const recordOf = ({ urn, id, inputs }: Recorded) =>
  `${urn} ${id} ${JSON.stringify(inputs).replaceAll(/"ciphertext":"[^"]*"/g, "")}`;
const nameOf = ({ urn, type }: Recorded) => `${type.split(":").at(-1)} ${urn.split("::").at(-1)}`;
/** What reaches beyond Pulumi and takes its time; the rest is recorded within a millisecond of the next one. */
const reachesOut = ({ type }: Recorded) =>
  ["docker:index/container:Container", "docker:index/network:Network", "command:local:Command"].includes(
    type,
  );

/** Kills after every record, and notes each kill; done once an `up` has ended by itself and well. */
async function killedAfterEveryRecord(kills: Kill[]): Promise<Kill[]> {
  const seen = new Set(up.recorded().map(recordOf));
  for (;;) {
    let written = up.written();
    let fresh: Recorded[] = [];
    const status = await up.killedWhen(() => {
      const now = up.written();
      // It is asked once more when the group stands still: what was found then must be found again.
      if (now === written && fresh.length === 0) return false;
      const found = up.recorded().filter((record) => !seen.has(recordOf(record)));
      written = now;
      fresh = found;
      return found.length > 0;
    }, serially);
    // The last records may have been written between the look and the kill.
    const late = up.recorded().filter((record) => !seen.has(recordOf(record)));
    if (late.length > 0) fresh = late;
    for (const record of fresh) seen.add(recordOf(record));
    if (status !== undefined) {
      expect(status, up.output()).toBe(0);
      return kills;
    }
    kills.push({ recorded: fresh });
    expect(kills.length, up.output()).toBeLessThan(100);
  }
}

/** Nothing is left to do, nothing is there twice, nothing is left over, and people get in. */
async function expectWhole(): Promise<void> {
  await clone.pulumi("preview", "--expect-no-changes");
  await clone.pulumi("refresh", "--preview-only", "--expect-no-changes");
  expect(up.lockFiles()).toEqual([]);
  expect(up.latest().pending_operations ?? []).toEqual([]);
  const parts = ["mongodb-shared", "rocketchat", "test-ca", "traefik"];
  expect(docker.containers(apart.prefix).sort()).toEqual(parts.map((part) => `${apart.prefix}${part}`));
  expect(docker.networks(apart.prefix).sort()).toEqual([`${apart.prefix}data`, `${apart.prefix}edge`]);
  expect(helpers()).toEqual([]);
  expect(processes()).toEqual([]);
  for (const name of docker.containers(apart.prefix)) {
    expect(docker.inspect(name, "{{.State.Running}} {{.HostConfig.PidsLimit}}")).toMatch(/^true [1-9]/);
  }
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  const site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  const password = await clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
  expect(secretsOnHost()["/opt/itk-rocketchat/secrets/admin-password"]).toBe(password);
  const admin = await until("the administrator logs in", () => site.login("admin", password));
  await admin.post("sent after the kills");
}

/** Steps that are still at work, or were never started. */
const helpers = () =>
  lines(docker.run("ps", "--all", "--quiet", "--filter", `label=rocketchat.deployment=${mark()}`));
const mark = () => `local@${execFileSync("hostname", { encoding: "utf8" }).trim()}:${clone.directory}`;
function processes(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`ROCKETCHAT_DEPLOYMENT=${mark()}`);
      } catch {
        return false;
      }
    });
}

const secretsOnHost = () => docker.secretsIn("/opt/itk-*/secrets");

async function ok(run: Promise<Run>): Promise<void> {
  const done = await run;
  expect(done.status, done.output).toBe(0);
}

/** Says after what it was killed, also when it fails. */
async function told(what: string): Promise<Kill[]> {
  const kills: Kill[] = [];
  try {
    return await killedAfterEveryRecord(kills);
  } finally {
    const lines = kills.map(({ recorded }) => `  ${recorded.map(nameOf).join(", ")}`);
    console.log(`${what}: ${kills.length} kills, after\n${lines.join("\n")}`);
  }
}

beforeAll(() => {
  clone.setApart(apart);
  clone.configure([["rocketchat:ingress", "drain"], "1s"]);
});

afterAll(() => {
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  for (const name of docker.networks(apart.prefix)) docker.run("network", "rm", name);
  docker.forget(apart.prefix);
  docker.onHost("rm -rf /opt/itk-rocketchat /opt/itk-mongodb-shared /opt/itk-traefik");
  clone.remove();
});

describe("killed after every resource, the deployment ends whole", () => {
  let secrets: Record<string, string>;

  it("a first one", async () => {
    const kills = await told("a first deployment");
    await expectWhole();
    secrets = secretsOnHost();

    const reached = up.recorded().filter(reachesOut).map(nameOf);
    expect(reached.length).toBeGreaterThan(30);
    // Each of them had a kill, but for the last, after which `up` had nothing left to do. Two that are made at the same moment,
    // such as the networks, may be recorded between two looks and share one.
    const killedAfter = kills.map(({ recorded }) => recorded.filter(reachesOut).map(nameOf));
    expect(killedAfter.filter((names) => names.length > 2)).toEqual([]);
    expect(new Set([...killedAfter.flat(), reached.at(-1)!])).toEqual(new Set(reached));
  }, 2_400_000);

  it("a change of .env, Traefik and MongoDB alike, with the same secrets", async () => {
    clone.configure(
      [["rocketchat:uploads"], { maxSize: "77MiB" }],
      [["rocketchat:resources"], { traefik: { cpus: 0.5 } }],
      [["rocketchat:mongo", "oplogSize"], "1200MiB"],
    );
    const before = new Set(up.recorded().map(recordOf));
    const kills = await told("a change");
    await expectWhole();
    expect(secretsOnHost()).toEqual(secrets);

    const changed = up.recorded().filter((record) => !before.has(recordOf(record)));
    const containers = changed.filter(({ type }) => type.endsWith(":Container")).map(nameOf);
    expect(containers.sort()).toEqual(["Container mongo", "Container rocketchat", "Container traefik"]);
    expect(kills.length).toBeGreaterThanOrEqual(changed.length - 1);
  }, 1_200_000);
});

describe("killed once, the very next up finishes", () => {
  afterEach(async () => ok(clone.npm("down", ["--delete-data"], "local\n")));

  beforeAll(async () => ok(clone.npm("down", ["--delete-data"], "local\n")), 300_000);

  it.each(["edge", "mongo", "database-user", "rocketchat"])(
    "after %s",
    async (name) => {
      const isThere = () =>
        up.recorded().some((record) => reachesOut(record) && record.urn.endsWith(`::${name}`));
      const status = await up.killedWhen(isThere);
      expect(status, up.output()).toBeUndefined();
      await ok(clone.npm("up"));
      await expectWhole();
    },
    400_000,
  );
});
