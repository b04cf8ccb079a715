// npm run pulumi -- ARGUMENTS: the CLI that the project found, with the stack's backend, passphrase and settings.
import { given } from "./stack/arguments";
import { keepingChanges } from "./stack/local-settings";
import { sayDrift } from "./drift/drift";
import { presentStack } from "./stack/present-stack";
import { interactive, main } from "../terminal/steps";

/** The commands that read a stack's settings. */
const readsSettings = ["up", "update", "preview", "pre", "refresh", "destroy", "import", "watch", "config"];

main(async (args) => {
  const { stack: name, rest } = given("pulumi", args);
  const stack = await presentStack(name);
  const [command = ""] = rest;
  const configArgs = readsSettings.includes(command) ? stack.configArgs : [];
  if (readsBack(command, rest)) await sayDrift(stack);
  const run = () => interactive({ command: "pulumi", args: [...rest, ...configArgs], env: stack.env });
  return name === "local" && command === "config" ? keepingChanges(run) : run();
});

/** Pulumi reads back containers and networks then, and of the host's files nothing. */
function readsBack(command: string, rest: string[]): boolean {
  if (command === "refresh") return true;
  return (
    readsSettings.includes(command) && rest.some((arg) => ["--refresh", "--refresh=true", "-r"].includes(arg))
  );
}
