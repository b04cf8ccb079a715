// npm run up: brings a stack up. For `local` it first installs or builds what is missing.
import { stackArguments } from "../lib/arguments";
import { ensureEngine } from "../lib/docker-engine";
import { ensureImages } from "../lib/images";
import { resume } from "../lib/interrupted";
import { marked } from "../lib/leftovers";
import { namedStack, prepareLocal, type Stack } from "../lib/stack";
import { interactive, main, say, seconds } from "../lib/steps";
import { summary } from "../lib/summary";
import { ensureToolchain } from "../lib/toolchain";
import { refuseUnknownService } from "../lib/unknown-service";

main(async (args) => {
  const started = Date.now();
  const { stack: name, rest } = stackArguments(args);
  const toolchain = await ensureToolchain();
  if (name !== "local") return up(namedStack(name, toolchain), rest);

  const engine = await ensureEngine();
  const images = await ensureImages(engine);
  const stack = await prepareLocal(toolchain, engine, images);
  const status = await up(stack, ["--yes", "--skip-preview", ...rest]);
  if (status === 0) say(await summary(stack, engine, seconds(started)));
  return status;
});

async function up(stack: Stack, args: string[]): Promise<number> {
  await resume(stack);
  await refuseUnknownService(stack);
  return interactive({ command: "pulumi", args: ["up", ...stack.configArgs, ...args], env: marked(stack) });
}
