// npm run backup:check: verifies the repository, and reads a part of its bytes as a restore would. `-- --read-data-subset 1/7`
// chooses the part, in restic's words. @default 10%
import { given } from "./stack/arguments";
import { backedUp, inContainer, who } from "./backup/container";
import { main, OperatorError } from "../terminal/steps";

main(async (args) => {
  const { stack, options } = given("backup-check", args);
  const subset = options["read-data-subset"] ?? "10%";
  if (!/^([0-9]+\/[0-9]+|[0-9]+(\.[0-9]+)?%|[0-9]+[KMGT])$/.test(subset)) {
    throw new OperatorError(
      `--read-data-subset: must be a part such as 10%, 1/7 or 500M (got ${subset}); correct it`,
    );
  }
  return inContainer(await backedUp(stack), "check.sh", who("npm run backup:check"), subset);
});
