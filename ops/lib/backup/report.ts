/** /opt/rocketchat/backup/status.json, as `ops/backup/status.sh` writes it. */
export interface BackupStatus {
  repository: string;
  lastAttemptAt?: string;
  lastSuccessAt?: string;
  lastSnapshot?: string;
  lastSeconds?: number;
  lastBytes?: number;
  lastBytesAdded?: number;
  snapshots?: number;
  lastFailureAt?: string;
  lastFailure?: string;
  lastCheckAt?: string;
  lastCheckResult?: string;
  lastDrillAt?: string;
  lastDrillResult?: string;
}

export interface Report {
  lines: string[];
  /** `<what>: <rule> (got <value>); <what to do>`. */
  faults: string[];
}

const hour = 3_600_000;
const oldestBackup = 26 * hour;
const oldestDrill = 8 * 24 * hour;

/** What the operator is told, and what is wrong. */
export function report(status: BackupStatus, now: Date, command: (script: string) => string): Report {
  const age = (at: string) => now.getTime() - Date.parse(at);
  // A time that is ahead, or none, says nothing; clocks of two machines may differ by a little.
  const isWithin = (at: string | undefined, longest: number): at is string =>
    at !== undefined && age(at) >= -hour && age(at) <= longest;
  const { lastSuccessAt, lastFailureAt, lastCheckAt, lastDrillAt } = status;
  const failed =
    lastFailureAt === undefined
      ? ""
      : `the last attempt, ${ago(age(lastFailureAt))}, failed: ${status.lastFailure}`;
  const lines = [
    `repository     ${status.repository}`,
    `newest backup  ${lastSuccessAt === undefined ? "none" : `${ago(age(lastSuccessAt))}, snapshot ${status.lastSnapshot}, ${size(status.lastBytes)} (${size(status.lastBytesAdded)} new) in ${status.lastSeconds} s`}`,
    ...(status.snapshots === undefined ? [] : [`backups kept   ${status.snapshots}`]),
    `last check     ${lastCheckAt === undefined ? "never" : `${ago(age(lastCheckAt))}: ${status.lastCheckResult}`}`,
    `last drill     ${lastDrillAt === undefined ? "never" : `${ago(age(lastDrillAt))}: ${status.lastDrillResult}`}`,
  ];
  const faults: string[] = [];
  if (!isWithin(lastSuccessAt, oldestBackup)) {
    const got = lastSuccessAt === undefined ? "none" : ago(age(lastSuccessAt));
    faults.push(
      `backup: must be at most 26 hours old (got ${got}${failed && `; ${failed}`}); mend that, then ${command("backup")}`,
    );
  } else if (failed !== "")
    faults.push(`backup: must end well (${failed}); mend that, then ${command("backup")}`);
  if (status.lastCheckResult !== undefined && status.lastCheckResult !== "ok")
    faults.push(
      `repository: must be whole (got ${status.lastCheckResult}); see docs/backup.md, and make a backup elsewhere meanwhile`,
    );
  if (!isWithin(lastDrillAt, oldestDrill))
    faults.push(
      `drill: must be at most 8 days old (got ${lastDrillAt === undefined ? "none" : ago(age(lastDrillAt))}); ${command("drill")}`,
    );
  else if (status.lastDrillResult !== "ok")
    faults.push(`drill: must succeed (got ${status.lastDrillResult}); mend that, then ${command("drill")}`);
  return { lines, faults };
}

function ago(ms: number): string {
  if (!(ms >= -hour)) return "at a time that is yet to come: a clock was wrong";
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 120) return `${minutes} minute${minutes === 1 ? "" : "s"} ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours ago` : `${Math.floor(hours / 24)} days ago`;
}

function size(bytes = 0): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
