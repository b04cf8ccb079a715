// npm run pulumi -- ARGUMENTS: the CLI that the project found, with the stack's backend, passphrase and settings.
import { stackArguments } from "../lib/arguments";
import { presentStack } from "../lib/present-stack";
import { interactive, main } from "../lib/steps";

/** The commands that read a stack's settings. */
const readsSettings = ["up", "update", "preview", "pre", "refresh", "destroy", "import", "watch", "config"];

main(async (args) => {
  const { stack: name, rest } = stackArguments(args);
  const stack = await presentStack(name);
  const configArgs = readsSettings.includes(rest[0] ?? "") ? stack.configArgs : [];
  return interactive({ command: "pulumi", args: [...rest, ...configArgs], env: stack.env });
});
