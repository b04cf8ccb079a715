// npm run up: brings a stack up. For `local` it first installs or builds what is missing.
import type { PlainSettings } from "../../settings/resolve";
import { pendingAdoption } from "../adopt/hand-over";
import { stackArguments, takeYesDns } from "../lib/arguments";
import { keepSettings } from "../lib/backup/kept-settings";
import { ensureEngine } from "../lib/docker-engine";
import { untilItAnswers } from "../lib/door";
import { refuseDrift, setBack } from "../lib/drift/drift";
import { ensureImages } from "../lib/images";
import { resume } from "../lib/interrupted";
import { marked } from "../lib/leftovers";
import { noticesOf } from "../lib/notices";
import { Operator } from "../lib/operator";
import { settingsOf } from "../lib/settings-of";
import { namedStack, prepareLocal, type Stack } from "../lib/stack";
import { interactive, main, say, seconds } from "../lib/steps";
import { summary } from "../lib/summary";
import { ensureToolchain } from "../lib/toolchain";
import { refuseOtherService } from "../lib/unknown-service";

main(async (args) => {
  const started = Date.now();
  const { stack: name, rest } = stackArguments(takeYesDns(args));
  const toolchain = await ensureToolchain();
  if (name !== "local") return up(namedStack(name, toolchain), rest);

  const engine = await ensureEngine();
  const images = await ensureImages(engine);
  const stack = await prepareLocal(toolchain, engine, images);
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
  const { status, wasOtherwise } = await bringUp(stack, args);
  if (status !== 0) return status;
  const settings = await settingsOf(stack);
  await untilItAnswers(stack, settings);
  if (wasOtherwise) await refuseDrift(stack, settings);
  await keepSettings(stack, settings);
  for (const notice of await noticesOf(stack, settings)) say(notice);
  if (ending !== undefined) say(await ending(settings));
  return status;
}

/** @returns also whether something was not as the state said. */
async function bringUp(stack: Stack, args: string[]): Promise<{ status: number; wasOtherwise: boolean }> {
  await resume(stack);
  const unasked = args.some((arg) => ["--yes", "-y"].includes(arg));
  const adoption = await pendingAdoption(stack);
  if (adoption === undefined) {
    const settings = await refuseOtherService(stack);
    const back =
      settings === undefined
        ? { goOn: true, found: false }
        : await setBack(stack, settings, unasked ? () => Promise.resolve(true) : () => agreed(stack));
    return { status: back.goOn ? await deploy(stack, args) : 1, wasOtherwise: back.found };
  }

  say(adoption.warning);
  if (!unasked && !(await previewed(stack, args))) return { status: 1, wasOtherwise: false };
  await adoption.handOver();
  const status = await deploy(stack, unasked ? args : ["--yes", "--skip-preview", ...args]);
  await adoption.conclude(status);
  return { status, wasOtherwise: false };
}

function deploy(stack: Stack, args: string[]): Promise<number> {
  return interactive({ command: "pulumi", args: ["up", ...stack.configArgs, ...args], env: marked(stack) });
}

/** Asked before anything is stopped: Pulumi's own question would come after it. */
async function previewed(stack: Stack, args: string[]): Promise<boolean> {
  const preview = ["preview", ...stack.configArgs, ...args];
  const status = await interactive({ command: "pulumi", args: preview, env: stack.env });
  return status === 0 && agreed(stack);
}

async function agreed(stack: Stack): Promise<boolean> {
  const operator = new Operator();
  const answer = await operator.ask("Type the stack's name to go on:");
  operator.close();
  if (answer.trim() === stack.name) return true;
  say("Nothing was changed.");
  return false;
}
