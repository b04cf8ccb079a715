// npm run recover: rebuilds the state of a service that runs when the state was lost or is an older one. Restarts nothing.
import { commandFor } from "../settings/command";
import { given } from "./stack/arguments";
import { nameOf } from "./state/rebuild";
import { ensureStack } from "./stack/ensure-stack";
import { recover } from "./state/recovery";
import { learnSecrets } from "./stack/stack-secrets";
import { main, say } from "../terminal/steps";

main(async (args) => {
  const { stack: name } = given("recover", args);
  const stack = await ensureStack(name);
  await learnSecrets(stack);

  const differs = await recover(stack);
  if (differs.length === 0) {
    say(`\nstack ${name}: its state was rebuilt; nothing was restarted, and the next preview is empty.`);
    return 0;
  }
  say(
    `\nstack ${name}: its state was rebuilt; nothing was restarted. The program describes something else than what runs, so the next ${commandFor(name, "up")} will:`,
  );
  for (const { op, urn } of differs)
    say(`  ${op} ${nameOf(urn)} (${urn.split("::").at(-2)?.split("$").at(-1)})`);
  say(`See why before you run it: ${commandFor(name, "pulumi", "preview", "--diff")}`);
  return 0;
});
