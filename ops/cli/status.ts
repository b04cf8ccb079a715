// npm run status: asks a stack's engine how the service is. Ends with `all is well` and 0, or with 1 and a line for each fault:
// `<what>: <why>; <what to do>`. Changes nothing.
import { stackArguments } from "../lib/arguments";
import { settingsOf } from "../lib/settings-of";
import { localExists, refreshLocal, stackNamed } from "../lib/stack";
import { diagnose } from "../lib/status/diagnose";
import { observe } from "../lib/status/observe";
import { render } from "../lib/status/render";
import { main, OperatorError } from "../lib/steps";
import { ensureToolchain } from "../lib/toolchain";

main(async (args) => {
  const { stack: name } = stackArguments(args);
  if (name === "local" && !localExists()) {
    throw new OperatorError(
      "stack local: is not there yet; make it with npm run up, or name another one with --stack",
    );
  }
  const stack = stackNamed(name, await ensureToolchain());
  if (name === "local") refreshLocal();

  const found = await observe(await settingsOf(stack));
  if (found.engineSilent === undefined) console.log(`${render(found)}\n`);
  const faults = diagnose(found);
  console.log(faults.length === 0 ? "all is well" : faults.join("\n"));
  return faults.length === 0 ? 0 : 1;
});
