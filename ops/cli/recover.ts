// npm run recover: rebuilds the state of a service that runs when the state was lost or is an older one. Restarts nothing.
import { commandFor } from "../../settings/command";
import { onlyStack } from "../lib/arguments";
import { nameOf } from "../lib/rebuild";
import { ensureEngine } from "../lib/docker-engine";
import { ensureImages } from "../lib/images";
import { recover } from "../lib/recovery";
import { namedStack, prepareLocal, type Stack } from "../lib/stack";
import { learnSecrets } from "../lib/stack-secrets";
import { main, say } from "../lib/steps";
import { ensureToolchain } from "../lib/toolchain";

main(async (args) => {
  const name = onlyStack("recover", args);
  const toolchain = await ensureToolchain();
  const stack = name === "local" ? await local(toolchain) : namedStack(name, toolchain);
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

async function local(toolchain: NodeJS.ProcessEnv): Promise<Stack> {
  const engine = await ensureEngine();
  return prepareLocal(toolchain, engine, await ensureImages(engine));
}
