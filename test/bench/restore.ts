// What a restore costs: 1 GB, half of it database and half of it files, from a repository on the same disk into a running stack.
// Prints how long it takes, and for how long the chat is away; then how long a drill takes.
//   usage  npm run bench -- restore
import type { Site } from "../integration/site";
import { Gigabyte, onGigabyte } from "./gigabyte";

const stack = new Gigabyte({ prefix: "itreb-", httpPort: 25180, httpsPort: 25543 }, "6 hours");

/** @returns seconds that the work took, and seconds without an answer of the workspace meanwhile */
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

onGigabyte(stack, async () => {
  const { site } = await stack.start();
  stack.fill();
  await stack.run("backup");
  const restore = () => stack.run("restore", "latest", "--yes", "--no-safety-backup");
  const [took, away] = await awayDuring(site, restore);
  console.log(`restore: ${took.toFixed(0)} s, of which the chat was away ${away.toFixed(0)} s`);
  console.log(`drill: ${(await stack.run("drill")).toFixed(0)} s`);
});
