// npm run up: brings a stack up. For `local` it first installs or builds what is missing.
import type { PlainSettings } from "../settings/schema";
import { pendingAdoption } from "./adopt/hand-over";
import { given } from "./stack/arguments";
import { takesYesDns } from "./up/yes-dns";
import { deploy } from "./up/deploy";
import { ensureStack } from "./stack/ensure-stack";
import { withOperator } from "../terminal/operator";
import type { Stack } from "./stack/stack";
import { interactive, main, say, seconds } from "../terminal/steps";
import { summary } from "./up/summary";

main(async (args) => {
  const started = Date.now();
  const { stack: name, options, rest } = given("up", args);
  if (options["yes-dns"]) takesYesDns();
  const stack = await ensureStack(name);
  if (name !== "local") return up(stack, rest);
  return up(stack, ["--yes", "--skip-preview", ...rest], (settings) =>
    summary(stack, settings, seconds(started)),
  );
});

/** @param ending What is said at the end of a deployment that succeeded. */
async function up(
  stack: Stack,
  args: string[],
  ending?: (settings: PlainSettings) => Promise<string>,
): Promise<number> {
  const adoption = await pendingAdoption(stack);
  const unasked = args.some((arg) => ["--yes", "-y"].includes(arg));
  const agree = adoption === undefined ? () => agreed(stack) : () => previewed(stack, args);
  // What was previewed and agreed to before anything is stopped is not asked again.
  const more = adoption === undefined || unasked ? [] : ["--yes", "--skip-preview"];
  const command = ["up", ...stack.configArgs, ...more, ...args];
  const { status, settings } = await deploy(stack, {
    adoption,
    agree: unasked ? () => Promise.resolve(true) : agree,
    up: (env) => interactive({ command: "pulumi", args: command, env }),
  });
  if (settings !== undefined && ending !== undefined) say(await ending(settings));
  return status;
}

/** Asked before anything is stopped: Pulumi's own question would come after it. */
async function previewed(stack: Stack, args: string[]): Promise<boolean> {
  const preview = ["preview", ...stack.configArgs, ...args];
  const status = await interactive({ command: "pulumi", args: preview, env: stack.env });
  return status === 0 && agreed(stack);
}

async function agreed(stack: Stack): Promise<boolean> {
  const agrees = await withOperator((operator) => operator.agrees(stack.name));
  if (!agrees) say("Nothing was changed.");
  return agrees;
}
