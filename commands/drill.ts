// npm run drill: restores the newest snapshot of a stack beside the live service, without a network, and looks whether Rocket.Chat
// serves it. For a schedule: ends with 0, or with 1 and the reason. See docs/restore.md.
import { given } from "./stack/arguments";
import { main } from "../terminal/steps";
import { drill } from "./drill/drill";
import { siteOf } from "./restore/command";

main(async (args) => {
  const { stack, words } = given("drill", args);
  const [snapshot = "latest"] = words;
  return drill(await siteOf(stack), snapshot);
});
