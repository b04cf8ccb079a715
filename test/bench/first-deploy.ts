// What a first deployment takes in a fresh clone, with packages, tools and images present, beside `docker-compose up` of the same
// images without our security: both until the workspace first answers over HTTPS.
//   usage  npm run bench -- first-deploy [--rounds N]
import { bench, type Removable } from "./bench";
import { Compose } from "./compose";
import { Deployment, ports } from "./deployment";
import { firstAnswer } from "./door";
import type { Ran } from "./run";
import { Watch } from "./watch";

const watch = new Watch();
const parts: Removable[] = [watch];
const compose = { what: "docker-compose up, until /api/info" };

async function ours() {
  const deployment = new Deployment(watch);
  parts.push(deployment);
  const { answered, ended } = await untilAnswered({ port: ports.ours.https, ownCertificate: true }, () =>
    deployment.npm("up"),
  );
  deployment.remove();
  return [
    { what: "npm run up, until /api/info", seconds: answered, against: compose.what, ...watch.taken() },
    { what: "npm run up, whole", seconds: ended, against: compose.what },
  ];
}

async function theirs(them: Compose) {
  const { answered } = await untilAnswered({ port: ports.compose.https, ownCertificate: false }, () =>
    them.up(),
  );
  await them.down();
  return [{ ...compose, seconds: answered }];
}

async function untilAnswered(door: Parameters<typeof firstAnswer>[0], start: () => Promise<Ran>) {
  const began = performance.now();
  let ended = 0;
  let failed = false;
  const command = start().then(
    () => (ended = (performance.now() - began) / 1000),
    (error: unknown) => {
      failed = true;
      throw error;
    },
  );
  // The command says better what was wrong than the door.
  const [answered] = await Promise.all([firstAnswer(door, began, () => !failed).catch(() => 0), command]);
  if (answered === 0)
    throw new Error(`port ${door.port}: gave no good answer, though the command ended well`);
  return { answered, ended };
}

void bench(parts, async () => {
  const them = await Compose.prepare();
  parts.push(them);
  return [ours, () => theirs(them)];
});
