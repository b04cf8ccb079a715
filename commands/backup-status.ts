// npm run backup:status: how old the newest backup and the last drill are. Ends with 1 when a backup is older than 26 hours, a drill
// older than 8 days, one of them failed, or backups went that this server did not remove; `-- --accept-gone` says that those were
// removed on purpose. Needs the engine, not the container that makes the backups.
import { commandFor } from "../settings/command";
import { given } from "./stack/arguments";
import { backedUp, inContainer, who } from "./backup/container";
import { type BackupStatus, report } from "./backup/report";
import { Host } from "../engine/host";
import { main, OperatorError, tell } from "../terminal/steps";

main(async (args) => {
  const { stack: name, options } = given("backup-status", args);
  const backup = await backedUp(name);
  const { stack, settings, home } = backup;
  if (options["accept-gone"]) return inContainer(backup, "accept-gone.sh", who("npm run backup:status"));
  const read = await new Host(settings.engine, settings.helperImage, stack.env).tryScript(
    "scripts/host/read-file.sh",
    home,
    { FILE: `${home}/status.json` },
    { mountExists: true },
  );
  if (read.status !== 0)
    throw new OperatorError(
      `${home}: could not be read (${read.stderr.trim()}); run ${commandFor(name, "up")}, which makes it`,
    );
  const nothing: BackupStatus = { repository: settings.backup.repository };
  const status = read.stdout === "" ? nothing : (JSON.parse(read.stdout) as BackupStatus);
  const { lines, faults } = report(status, new Date(), (script, ...more) =>
    commandFor(name, script, ...more),
  );
  tell(`${lines.join("\n")}\n\n${faults.length === 0 ? "all is well" : faults.join("\n")}`);
  return faults.length === 0 ? 0 : 1;
});
