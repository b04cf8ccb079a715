// What a restore costs: 1 GB, half of it database and half of it files, from a repository on the same disk into a running stack.
// Prints how long it takes, and for how long the chat is away.
//   usage  node --import tsx test/bench/restore.ts
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Clone } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { Site, until } from "../integration/site";

const apart = { prefix: "itreb-", httpPort: 38180, httpsPort: 38543 };
const home = "/opt/itreb-rocketchat";
const docker = new DockerCli();
const clone = new Clone("bench-restore");

/** A million messages of words, about 500 bytes each. */
const seed = `
  const words = Array.from({ length: 20000 }, () => Math.random().toString(36).slice(2, 4 + Math.floor(Math.random() * 9)));
  const text = () => Array.from({ length: 55 }, () => words[Math.floor(Math.random() ** 2 * words.length)]).join(" ");
  const messages = db.getSiblingDB("rocketchat").rocketchat_message;
  for (let batch = 0; batch < 1000; batch++)
    messages.insertMany(Array.from({ length: 1000 }, (_, n) => ({
      _id: \`seed-\${batch}-\${n}\`, rid: "SEED", msg: text(), ts: new Date(), u: { _id: "u", username: "u" }, _updatedAt: new Date(),
    })));
  print(Math.round(db.getSiblingDB("rocketchat").stats(1e6).dataSize));`;

async function run(script: string, ...args: string[]): Promise<number> {
  const done = await clone.npm(script, args);
  if (done.status !== 0) throw new Error(done.output);
  console.log(done.output.trim().replace(/^/gm, "    "));
  return done.tookMs / 1000;
}

/** Seconds without an answer of the workspace, while something is done. */
async function awayDuring(site: Site, work: () => Promise<number>): Promise<[number, number]> {
  let going = true;
  let [first, last] = [0, 0];
  const watch = (async () => {
    while (going) {
      const asked = Date.now();
      const answer = await site.request("GET", "/api/info").catch(() => undefined);
      if (answer?.status !== 200 || Date.now() - asked > 1000) {
        first ||= asked;
        last = Date.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  })();
  const took = await work();
  going = false;
  await watch;
  return [took, (last - first) / 1000];
}

async function bench(): Promise<void> {
  clone.setApart(apart);
  clone.configure([["rocketchat:backup"], { repository: "/opt/itreb-repository/chat", jitter: "6 hours" }]);
  await run("up");
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  const site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  await until("the workspace answers", () => site.json("GET", "/api/info"));
  const password = readFileSync(`${home}/secrets/mongo-password`, "utf8");
  const uri = `mongodb://rocketchat:${password}@127.0.0.1:27017/rocketchat?directConnection=true`;
  const mongosh = ["exec", "itreb-mongodb-shared", "mongosh", "--quiet", "--norc", uri, "--eval", seed];
  const size = docker.run(...mongosh);
  for (let n = 0; n < 250; n++) writeFileSync(`${home}/uploads/seed${n}`, randomBytes(2_000_000));
  console.log(`database ${size} MB, files 500 MB`);

  await run("backup");
  const [took, away] = await awayDuring(site, () => run("restore", "latest", "--yes", "--no-safety-backup"));
  console.log(`restore: ${took.toFixed(0)} s, of which the chat was away ${away.toFixed(0)} s`);
  console.log(`drill: ${(await run("drill")).toFixed(0)} s`);
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
      rmSync(`/opt/itreb-${part}`, { recursive: true, force: true });
    clone.remove();
  });
