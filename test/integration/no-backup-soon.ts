import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const jitterHours = 6;
const [delayFor] = /^delay_for\(\).*$/m.exec(
  readFileSync(join(__dirname, "../../scripts/backup/due.sh"), "utf8"),
)!;

/**
 * Settings with which the backup's container begins none of its own for two hours: how late the first one is within
 * `backup.jitter` follows from the workspace and the time of the last one that was due, such as 03:30 today.
 */
export function noBackupSoon(prefix: string, site = "chat.localhost"): { jitter: string; time: string } {
  for (let hoursAgo = 1; ; hoursAgo += 1 / 60) {
    const due = new Date(Date.now() - hoursAgo * 3_600_000);
    due.setSeconds(0, 0);
    const script = `${delayFor}; delay_for ${due.getTime() / 1000}`;
    const env = { ...process.env, PREFIX: prefix, SITE: site, JITTER: String(jitterHours * 3600) };
    if (Number(execFileSync("bash", ["-c", script], { env })) > 3 * 3600)
      return { jitter: `${jitterHours} hours`, time: due.toTimeString().slice(0, 5) };
  }
}
