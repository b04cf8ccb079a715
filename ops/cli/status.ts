// npm run status: asks a stack's engine how the service is. Ends with `all is well` and 0, or with 1 and a line for each fault:
// `<what>: <why>; <what to do>`. Changes nothing.
import { onlyStack } from "../lib/arguments";
import { writeFault } from "../lib/air-gap";
import { settingsOf } from "../lib/settings-of";
import { presentStack } from "../lib/present-stack";
import { diagnose } from "../lib/status/diagnose";
import { observe } from "../lib/status/observe";
import { render } from "../lib/status/render";
import { main } from "../lib/steps";

main(async (args) => {
  const name = onlyStack("status", args);
  const stack = await presentStack(name);

  const settings = await settingsOf(stack);
  const found = await observe(settings);
  if (found.engineSilent === undefined) console.log(`${render(found)}\n`);
  const unasked = found.engineSilent !== undefined;
  const faults = [...diagnose(found), ...(unasked ? [] : await writeFault(stack, settings))];
  console.log(faults.length === 0 ? "all is well" : faults.join("\n"));
  return faults.length === 0 ? 0 : 1;
});
