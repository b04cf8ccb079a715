// npm run backup: makes a backup of a stack now, with progress. The service goes on meanwhile.
import { stackArguments } from "../lib/arguments";
import { backedUp, inContainer, who } from "../lib/backup/container";
import { main, OperatorError } from "../lib/steps";

main(async (args) => {
  const { stack, rest } = stackArguments(args);
  if (rest.length > 0)
    throw new OperatorError(
      `npm run backup: takes --stack and nothing else (got ${rest.join(" ")}); leave it out`,
    );
  return inContainer(await backedUp(stack), "run.sh", who("npm run backup"));
});
