// npm run down: takes a stack down and keeps its data. With --delete-data it asks for the stack's name, then removes the data,
// the secrets and, for the stack `local`, its state.
import { rmSync } from "node:fs";
import { throwAwayNames } from "../inventory/throw-away";
import { given } from "./stack/arguments";
import { type DataDirectories, dataDirectories, deleteData } from "./down/data";
import { ensureEngine } from "../machine/docker-engine";
import { endInterrupted } from "./state/interrupted";
import { marked } from "./state/leftovers";
import { withOperator } from "../terminal/operator";
import { settingsOf } from "./stack/settings-of";
import { localExists, refreshLocal, stackNamed } from "./stack/stack";
import { localDirectory } from "./stack/stack-file";
import { interactive, main, OperatorError, say } from "../terminal/steps";
import { ensureToolchain } from "../machine/toolchain";
import { labelled, refuseUnknownService, usersOf } from "./up/unknown-service";
import { refuseUnfinished } from "./restore/journal";
import { Site } from "./restore/site";

main(async (args) => {
  const { stack: name, options, rest: others } = given("down", args);
  const withData = options["delete-data"];
  if (name === "local" && !localExists()) {
    say("stack local: is not there; nothing to do");
    return 0;
  }
  const stack = stackNamed(name, await ensureToolchain());
  if (name === "local") {
    refreshLocal();
    await ensureEngine();
  }

  await endInterrupted(stack);
  await refuseUnknownService(stack);
  const site = new Site(stack, await settingsOf(stack));
  if (!withData) await refuseUnfinished(site);
  const data = withData ? dataDirectories(site.settings) : undefined;
  if (data !== undefined) {
    await confirm(site, data);
    await removeThrowAways(site);
  }

  const yes = name === "local" || data !== undefined ? ["--yes", "--skip-preview"] : [];
  const status = await interactive({
    command: "pulumi",
    args: ["destroy", ...stack.configArgs, ...yes, ...others],
    env: marked(stack),
  });
  if (status !== 0) return status;

  if (data === undefined) {
    say(
      `\nThe service is down; its data and its secrets are kept on the host, and ${site.command("up")} finds them again.`,
    );
    return 0;
  }
  const running = (await usersOf(stack, site.settings, data.paths)).map(({ name }) => name);
  if (running.length > 0)
    throw new OperatorError(
      `--delete-data: none of the stack's containers may be left (got ${running.join(", ")}); their data were not touched; ` +
        `run: ${site.command("down", "--delete-data")}`,
    );
  await deleteData(data, stack.env);
  await interactive({
    command: "pulumi",
    args: ["stack", "rm", "--yes", "--preserve-config", name],
    env: stack.env,
  });
  if (name === "local") rmSync(localDirectory, { recursive: true });
  const stays = data.databaseStays
    ? ", but for its database, which is MongoDB's administrator's to drop"
    : "";
  say(
    `\nEverything the stack made is gone${stays}. Docker, the images and the tools that were installed are still there.`,
  );
  return 0;
});

/** What a killed restore or drill left: it uses the networks, and the data. */
async function removeThrowAways({ host, settings, stack }: Site): Promise<void> {
  const names = Object.values(throwAwayNames(settings));
  const left = (await labelled(stack, settings)).filter(({ name }) => names.includes(name));
  if (left.length > 0) await host.try(["rm", "--force", ...left.map(({ id }) => id)]);
}

async function confirm(site: Site, data: DataDirectories): Promise<void> {
  const { stack } = site;
  const what = data.databaseStays
    ? "with its uploads and secrets, but not its database,"
    : "with all messages, uploads and secrets, and with whatever others keep on its MongoDB,";
  say(`This removes the stack ${stack.name} ${what} for ever:`);
  for (const path of data.paths) say(`  ${path}`);
  if (data.repository !== undefined) {
    say(
      `The backups in ${data.repository} stay, and nobody reads them without their password, which goes. Keep a copy of it first:\n` +
        `  ${site.command("--silent pulumi", "stack", "output", "backupPassword", "--show-secrets")}`,
    );
  }
  say(`on the engine ${data.engine}.`);
  await withOperator((operator) => operator.confirm(stack.name, "--delete-data", "nothing was touched"));
}
