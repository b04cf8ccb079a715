// npm run backup:status: how old the newest backup and the last drill are. Ends with 1 when a backup is older than 26 hours, a drill
// older than 8 days, or one of them failed. Needs the engine, not the container that makes the backups.
import { commandFor } from "../../settings/command";
import { onlyStack } from "../lib/arguments";
import { backedUp } from "../lib/backup/container";
import { type BackupStatus, report } from "../lib/backup/report";
import { Host } from "../lib/host";
import { main, OperatorError, tell } from "../lib/steps";

main(async (args) => {
  const name = onlyStack("backup:status", args);
  const { stack, settings, home } = await backedUp(name);
  const read = await new Host(settings.engine, settings.helperImage, stack.env).tryScript(
    "ops/host/read-file.sh",
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
  const { lines, faults } = report(status, new Date(), (script) => commandFor(name, script));
  tell(`${lines.join("\n")}\n\n${faults.length === 0 ? "all is well" : faults.join("\n")}`);
  return faults.length === 0 ? 0 : 1;
});
