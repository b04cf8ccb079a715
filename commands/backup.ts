// npm run backup: makes a backup of a stack now, with progress. The service goes on meanwhile. `-- --take-over` goes on after another
// server that has written to the repository under the same name, and writes no more.
import { stackArguments } from "./stack/arguments";
import { backedUp, inContainer, who } from "./backup/container";
import { main, OperatorError } from "../terminal/steps";

main(async (args) => {
  const { stack, rest } = stackArguments(args);
  const [option, ...more] = rest;
  if ((option !== undefined && option !== "--take-over") || more.length > 0)
    throw new OperatorError(
      `npm run backup: takes --stack NAME and --take-over (got ${rest.join(" ")}); leave it out, or write --stack before a stack's name`,
    );
  return inContainer(await backedUp(stack), "run.sh", who("npm run backup"), ...rest);
});
