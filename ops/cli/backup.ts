// npm run backup: makes a backup of a stack now, with progress. The service goes on meanwhile.
import { onlyStack } from "../lib/arguments";
import { backedUp, inContainer, who } from "../lib/backup/container";
import { main } from "../lib/steps";

main(async (args) => {
  return inContainer(await backedUp(onlyStack("backup", args)), "run.sh", who("npm run backup"));
});
