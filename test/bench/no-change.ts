// What `npm run up` takes where nothing is to be changed, beside a Pulumi program that does nothing.
//   usage  npm run bench -- no-change [--rounds N]
import { bench, type Removable } from "./bench";
import { Deployment } from "./deployment";
import { EmptyProgram } from "./empty-program";
import { Watch } from "./watch";

const watch = new Watch();
const parts: Removable[] = [watch];
const empty = "pulumi up of the empty program";

void bench(parts, async () => {
  const deployment = new Deployment(watch);
  const program = new EmptyProgram();
  parts.push(deployment, program);
  await program.prepare();
  await deployment.npm("up");
  // The second one still learns what later ones know.
  await deployment.npm("up");
  watch.taken();
  return [
    async () => {
      const { seconds } = await deployment.npm("up");
      return [{ what: "npm run up", seconds, against: empty, ...watch.taken() }];
    },
    async () => [{ what: empty, seconds: (await program.up()).seconds }],
  ];
});
