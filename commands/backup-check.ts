// npm run backup:check: verifies the repository, and reads a part of its bytes as a restore would. `-- --read-data-subset 1/7`
// chooses the part, in restic's words. @default 10%
import { stackArguments } from "./stack/arguments";
import { backedUp, inContainer, who } from "./backup/container";
import { main, OperatorError } from "../terminal/steps";

main(async (args) => {
  const { stack, rest } = stackArguments(args);
  const [option, subset = "10%", ...more] = rest;
  const good = /^([0-9]+\/[0-9]+|[0-9]+(\.[0-9]+)?%|[0-9]+[KMGT])$/.test(subset);
  if ((option !== undefined && option !== "--read-data-subset") || more.length > 0 || !good) {
    throw new OperatorError(
      `npm run backup:check: takes --stack and --read-data-subset 10%, 1/7 or 500M (got ${rest.join(" ")}); correct it`,
    );
  }
  return inContainer(await backedUp(stack), "check.sh", who("npm run backup:check"), subset);
});
