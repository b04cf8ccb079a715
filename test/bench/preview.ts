// What a preview takes where nothing is to be changed, by the project's command and by Pulumi's, beside a program that does nothing.
//   usage  npm run bench -- preview [--rounds N]
import { bench, type Removable } from "./bench";
import { Deployment } from "./deployment";
import { EmptyProgram } from "./empty-program";
import { Watch } from "./watch";

const watch = new Watch();
const parts: Removable[] = [watch];
const empty = "pulumi preview of the empty program";

void bench(parts, async () => {
  const deployment = new Deployment(watch);
  const program = new EmptyProgram();
  parts.push(deployment, program);
  await program.prepare();
  await deployment.npm("up");
  watch.taken();
  return [
    async () => {
      const { seconds } = await deployment.npm("pulumi", "preview");
      return [{ what: "npm run pulumi -- preview", seconds, against: empty, ...watch.taken() }];
    },
    async () => {
      const { seconds } = await deployment.pulumi("preview", "--non-interactive");
      return [{ what: "pulumi preview", seconds, against: empty, ...watch.taken() }];
    },
    async () => [{ what: empty, seconds: (await program.preview()).seconds }],
  ];
});
