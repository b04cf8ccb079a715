// npm run admin:rotate: gives the administrator a new generated password: raises `admin.passwordGeneration` in the stack's settings
// file, then deploys. Rocket.Chat's own ADMIN_PASS never changes a password.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { commandFor } from "../settings/command";
import { given } from "./stack/arguments";
import { projectRoot } from "../terminal/paths";
import { writeWhole } from "./stack/stack-file";
import { interactive, main, OperatorError, say } from "../terminal/steps";

const path = ["config", "rocketchat:admin", "passwordGeneration"];

main(async (args) => {
  const { stack, rest } = given("admin-rotate", args);
  const name = `Pulumi.${stack}.yaml`;
  const file = join(projectRoot, name);
  if (!existsSync(file))
    throw new OperatorError(
      `${name}: must be there (got none); name the stack with --stack, in the project's directory`,
    );
  const settings = parseDocument(readFileSync(file, "utf8"));
  const generation = Number(settings.getIn(path) ?? 1) + 1;
  settings.setIn(path, generation);
  writeWhole(file, settings.toString({ lineWidth: 0 }));
  say(`▸ ${name}: admin.passwordGeneration is ${generation} now; commit it`);

  const status = await interactive({
    command: process.execPath,
    args: ["commands/run.mjs", "up", "--stack", stack, ...rest],
  });
  if (status !== 0) {
    say(
      `The password is the old one until the deployment ends well; run it again: ${commandFor(stack, "up")}`,
    );
    return status;
  }
  say(
    `The new password: ${commandFor(stack, "--silent pulumi", "stack", "output", "adminPassword", "--show-secrets")}`,
  );
  return 0;
});
