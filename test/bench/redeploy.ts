// What it takes to change a setting that Rocket.Chat is started anew for, beside the same change by docker-compose. Ours goes without
// a failed request, which theirs does not: both until the command has ended and the workspace answers.
//   usage  npm run bench -- redeploy [--rounds N]
import { bench, type Removable } from "./bench";
import { Compose } from "./compose";
import { Deployment, ports } from "./deployment";
import { firstAnswer } from "./door";
import { Watch } from "./watch";

const watch = new Watch();
const parts: Removable[] = [watch];
const compose = "docker-compose up, another setting";
const door = { port: ports.compose.https, ownCertificate: false };

void bench(parts, async () => {
  const them = await Compose.prepare();
  const deployment = new Deployment(watch);
  parts.push(them, deployment);
  await deployment.npm("up");
  await them.up();
  await firstAnswer(door, performance.now(), () => true);
  watch.taken();
  let size = 50;
  return [
    async () => {
      deployment.clone.configure([["rocketchat:uploads", "maxSize"], `${++size} MiB`]);
      const { seconds } = await deployment.npm("up");
      return [{ what: "npm run up, another setting", seconds, against: compose, ...watch.taken() }];
    },
    async () => {
      them.changeSetting();
      const began = performance.now();
      await them.up();
      return [{ what: compose, seconds: await firstAnswer(door, began, () => true) }];
    },
  ];
});
