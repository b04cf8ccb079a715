// npm run backup: makes a backup of a stack now, with progress. The service goes on meanwhile. `-- --take-over` goes on after another
// server that has written to the repository under the same name, and writes no more.
import { given } from "./stack/arguments";
import { backedUp, inContainer, who } from "./backup/container";
import { main } from "../terminal/steps";

main(async (args) => {
  const { stack, options } = given("backup", args);
  const how = options["take-over"] ? ["--take-over"] : [];
  return inContainer(await backedUp(stack), "run.sh", who("npm run backup"), ...how);
});
