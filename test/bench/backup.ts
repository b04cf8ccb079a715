// What a backup costs: 1 GB, half of it database and half of it files, to a repository on the same disk. Prints how long the first
// one and an unchanged second one take, and how long a chat request takes meanwhile and without.
//   usage  node --import tsx test/bench/backup.ts
import { randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Clone } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { type Session, Site, until } from "../integration/site";

const apart = { prefix: "itbkb-", httpPort: 37180, httpsPort: 37543 };
const home = "/opt/itbkb-rocketchat";
const repository = "/opt/itbkb-repository/backups";
const docker = new DockerCli();
const clone = new Clone("bench");
const megabyte = 1_000_000;

/** Messages of about 500 bytes, of words, as people write; compressible as that is. */
const seed = `
  const words = Array.from({ length: 20000 }, () => Math.random().toString(36).slice(2, 4 + Math.floor(Math.random() * 9)));
  const text = () => Array.from({ length: 55 }, () => words[Math.floor(Math.random() ** 2 * words.length)]).join(" ");
  for (let batch = 0; batch < 1000; batch++)
    db.getSiblingDB("rocketchat").rocketchat_message.insertMany(Array.from({ length: 1000 }, (_, n) => ({
      _id: \`seed-\${batch}-\${n}\`, rid: "SEED", msg: text(), ts: new Date(), u: { _id: "u", username: "u" }, _updatedAt: new Date(),
    })));
  print(JSON.stringify(db.getSiblingDB("rocketchat").stats(1e6).dataSize));`;

async function latencies(admin: Session, going: () => boolean): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; going(); n++) {
    const began = performance.now();
    await admin.post(`request ${n}`);
    await admin.messages();
    taken.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return taken.sort((a, b) => a - b);
}

const at = (sorted: number[], share: number) =>
  `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!)} ms`;
const told = (sorted: number[]) =>
  `p50 ${at(sorted, 0.5)}, p99 ${at(sorted, 0.99)}, longest ${at(sorted, 1)} of ${sorted.length}`;

async function during(
  admin: Session,
  work: () => Promise<unknown>,
): Promise<{ seconds: string; requests: string }> {
  const began = Date.now();
  let going = true;
  const requests = latencies(admin, () => going);
  await work();
  const seconds = `${((Date.now() - began) / 1000).toFixed(1)} s`;
  going = false;
  return { seconds, requests: told(await requests) };
}

async function backUp(): Promise<void> {
  const run = await clone.npm("backup");
  if (run.status !== 0) throw new Error(run.output);
  console.log(run.output.trim().replace(/^/gm, "    "));
}

async function bench(): Promise<void> {
  clone.setApart(apart);
  clone.configure([["rocketchat:backup"], { repository, jitter: "0 seconds" }]);
  const up = await clone.npm("up");
  if (up.status !== 0) throw new Error(up.output);
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  const site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  const admin = await site.login(
    "admin",
    await clone.pulumi("stack", "output", "adminPassword", "--show-secrets"),
  );
  await until("the first, empty backup is made", () =>
    Promise.resolve(
      JSON.parse(readFileSync(`${home}/backup/status.json`, "utf8")) as { lastSuccessAt?: string },
    ).then(({ lastSuccessAt }) => {
      if (lastSuccessAt === undefined) throw new Error("not yet");
    }),
  );

  const password = readFileSync(`${home}/secrets/mongo-password`, "utf8");
  const uri = `mongodb://rocketchat:${password}@127.0.0.1:27017/rocketchat?directConnection=true`;
  const size = docker.run(
    "exec",
    "itbkb-mongodb-shared",
    "mongosh",
    "--quiet",
    "--norc",
    uri,
    "--eval",
    seed,
  );
  for (let n = 0; n < 250; n++) writeFileSync(`${home}/uploads/seed${n}`, randomBytes(2 * megabyte));
  console.log(`database ${size} MB, files ${250 * 2} MB`);

  const until20s = Date.now() + 20_000;
  console.log(`requests without a backup: ${told(await latencies(admin, () => Date.now() < until20s))}`);
  for (const which of ["first", "second, unchanged"]) {
    const { seconds, requests } = await during(admin, backUp);
    console.log(`${which} backup: ${seconds}; requests meanwhile: ${requests}`);
  }
  console.log(
    `repository: ${execFileSync("du", ["-sm", repository], { encoding: "utf8" }).split("\t")[0]} MB`,
  );
}

bench()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => {
    for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", "--volumes", name);
    for (const name of docker.networks(apart.prefix)) docker.run("network", "rm", name);
    for (const part of ["rocketchat", "mongodb-shared", "traefik", "repository"])
      rmSync(`/opt/itbkb-${part}`, { recursive: true, force: true });
    clone.remove();
  });
