// What `npm run status` takes of a service that is well, on an engine of this machine.
//   usage  npm run bench -- status [--rounds N]
import { bench, type Removable } from "./bench";
import { Deployment } from "./deployment";
import { Watch } from "./watch";

const watch = new Watch();
const parts: Removable[] = [watch];

void bench(parts, async () => {
  const deployment = new Deployment(watch);
  parts.push(deployment);
  await deployment.npm("up");
  await untilWell(deployment);
  watch.taken();
  return [
    async () => {
      const { seconds } = await deployment.npm("status");
      return [{ what: "npm run status", seconds, throwAways: watch.taken().throwAways }];
    },
  ];
});

/** Docker calls a container healthy half a minute after its start. */
async function untilWell(deployment: Deployment): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const fault = await deployment.npm("status").then(
      () => undefined,
      (error: Error) => error,
    );
    if (fault === undefined) return;
    if (Date.now() > deadline) throw fault;
  }
}
