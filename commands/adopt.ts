// npm run adopt: takes a workspace that was started by hand into a stack. It looks, says what would change, asks for the stack's
// name, makes a copy, and writes settings, secrets and the plan that the next npm run up carries out. See docs/adopt.md.
import { adopt } from "./adopt/adopt";
import { Host } from "../engine/host";
import { managed } from "./adopt/managed";
import { readAdoption } from "./adopt/record";
import { undo } from "./adopt/undo";
import { given } from "./stack/arguments";
import { ensureStack } from "./stack/ensure-stack";
import { type Operator, withOperator } from "../terminal/operator";
import { settingsOf } from "./stack/settings-of";
import type { Stack } from "./stack/stack";
import { main, OperatorError, say } from "../terminal/steps";

main(async (args) => {
  const { stack: name, options } = given("adopt", args);
  const stack = await ensureStack(name);
  return withOperator((operator) => (options.undo ? back(stack, operator) : adopt(stack, operator, options)));
});

async function back(stack: Stack, operator: Operator): Promise<number> {
  const settings = managed(await settingsOf(stack));
  const host = new Host(settings.engine, settings.helperImage, stack.env);
  const adoption = await readAdoption(host, settings.directory);
  if (adoption === undefined)
    throw new OperatorError(
      `--undo: needs an adoption to take back (there is none in ${settings.directory} on ${settings.engine}); nothing was touched`,
    );
  say(
    `This takes the stack ${stack.name} down and starts ${adoption.mongo.name} and ${adoption.chat.name} again, as they were.`,
  );
  say("Messages and files stay, those of since then too.");
  await operator.confirm(stack.name, "--undo", "nothing was touched");
  await undo(host, stack, settings, adoption);
  say("\nThe old service runs again. The settings file and the copy are kept.");
  return 0;
}
