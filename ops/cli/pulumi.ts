// npm run pulumi -- ARGUMENTS: the CLI that the project found, with the stack's backend, passphrase and settings.
import { stackArguments } from "../lib/arguments";
import { localExists, refreshLocal, stackNamed } from "../lib/stack";
import { interactive, main, OperatorError } from "../lib/steps";
import { ensureToolchain } from "../lib/toolchain";

/** The commands that read a stack's settings. */
const readsSettings = ["up", "update", "preview", "pre", "refresh", "destroy", "import", "watch", "config"];

main(async (args) => {
  const { stack: name, rest } = stackArguments(args);
  if (name === "local" && !localExists()) {
    throw new OperatorError(
      "stack local: is not there yet; make it with npm run up, or name another one with --stack",
    );
  }
  const stack = stackNamed(name, await ensureToolchain());
  if (name === "local") refreshLocal();
  const configArgs = readsSettings.includes(rest[0] ?? "") ? stack.configArgs : [];
  return interactive({ command: "pulumi", args: [...rest, ...configArgs], env: stack.env });
});
