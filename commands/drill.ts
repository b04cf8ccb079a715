// npm run drill: restores the newest snapshot of a stack beside the live service, without a network, and looks whether Rocket.Chat
// serves it. For a schedule: ends with 0, or with 1 and the reason. See docs/restore.md.
import { stackArguments } from "./stack/arguments";
import { main, OperatorError } from "../terminal/steps";
import { drill } from "./drill/drill";
import { siteOf } from "./restore/command";

main(async (args) => {
  const { stack, rest } = stackArguments(args);
  const [snapshot = "latest", ...more] = rest;
  if (more.length > 0 || snapshot.startsWith("-"))
    throw new OperatorError(
      `npm run drill: takes --stack and a snapshot (got ${rest.join(" ")}); see docs/restore.md`,
    );
  return drill(await siteOf(stack), snapshot);
});
