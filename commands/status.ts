// npm run status: asks a stack's engine how the service is. Ends with `all is well` and 0, or with 1 and a line for each fault:
// `<what>: <why>; <what to do>`. Changes nothing.
import { given } from "./stack/arguments";
import { writeFault } from "./status/air-gap";
import { settingsOf } from "./stack/settings-of";
import { presentStack } from "./stack/present-stack";
import { learnSecrets } from "./stack/stack-secrets";
import { diagnose } from "./status/diagnose";
import { compared } from "./status/compared";
import { observe } from "./status/observe";
import { render } from "./status/render";
import { askRoutes } from "./status/routes";
import { main, tell } from "../terminal/steps";

main(async (args) => {
  const { stack: name } = given("status", args);
  const stack = await presentStack(name);

  const settings = await settingsOf(stack);
  const [seen, against, routes] = await Promise.all([
    observe(settings),
    compared(stack, settings),
    askRoutes(settings),
    learnSecrets(stack),
  ]);
  const found = {
    ...seen,
    otherwise: [...against.otherwise, ...routes.otherwise],
    notes: [...against.notes, ...routes.notes],
  };
  const silent = found.engineSilent !== undefined;
  if (!silent) tell(`${render(found)}\n`);
  const faults = [...diagnose(found), ...(silent ? [] : await writeFault(settings))];
  tell(faults.length === 0 ? "all is well" : faults.join("\n"));
  return faults.length === 0 ? 0 : 1;
});
