// npm run backup:prune: removes the backups that a stack need not keep from a repository that its server can only add to. Runs restic on
// this machine, with a credential that the server never sees. See docs/backup.md.
import { commandFor } from "../settings/command";
import { given } from "./stack/arguments";
import { backedUp, inContainer, who } from "./backup/container";
import { prune } from "./backup/prune";
import { withOperator } from "../terminal/operator";
import { capture, main, OperatorError, say } from "../terminal/steps";

main(async (args) => {
  const { stack: name, options } = given("backup-prune", args);
  const { repository, yes } = options;
  const backup = await backedUp(name);
  if (!backup.settings.backup.appendOnly)
    throw new OperatorError(
      "backup.appendOnly: must be true for this command (got false); elsewhere every backup removes the old ones itself",
    );
  const password = await capture({
    command: "pulumi",
    args: ["stack", "output", "backupPassword", "--show-secrets"],
    env: backup.stack.env,
  });
  if (password.status !== 0) throw new OperatorError(password.stderr.trim());
  const confirm = () =>
    withOperator((operator) => operator.confirm(name, "npm run backup:prune", "nothing was removed"));
  const removed = await prune(backup.settings, password.stdout.trim(), {
    repository,
    agree: yes ? () => Promise.resolve() : confirm,
    env: process.env,
  });
  if (removed === 0) return 0;
  // So that it does not take them for lost.
  const status = await inContainer(backup, "accept-gone.sh", who("npm run backup:prune"));
  if (status !== 0)
    say(`The server was not told, and will miss them: ${commandFor(name, "backup:status", "--accept-gone")}`);
  return 0;
});
