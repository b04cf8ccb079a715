/** /opt/rocketchat/backup/status.json, as `scripts/backup/status.sh` writes it. */
export interface BackupStatus {
  repository: string;
  lastAttemptAt?: string;
  lastSuccessAt?: string;
  lastSnapshot?: string;
  lastSeconds?: number;
  lastBytes?: number;
  lastBytesAdded?: number;
  snapshots?: number;
  /** Ids of those that somebody else removed, separated by blanks. */
  snapshotsGone?: string;
  lastFailureAt?: string;
  lastFailure?: string;
  lastCheckAt?: string;
  lastCheckResult?: string;
  /** Why a check could not look; none once one could. */
  lastCheckFailure?: string;
  lastDrillAt?: string;
  lastDrillResult?: string;
}

/** A command of this project for the stack, as an operator types it. */
type Command = (script: string, ...args: string[]) => string;

export interface Report {
  lines: string[];
  /** `<what>: <rule> (got <value>); <what to do>`. */
  faults: string[];
}

const hour = 3_600_000;
const oldestBackup = 26 * hour;
const oldestDrill = 8 * 24 * hour;
/** The schedule makes one every week; it tries again every hour. */
const oldestCheck = 8 * 24 * hour;

/** What the operator is told, and what is wrong. */
export function report(status: BackupStatus, now: Date, command: Command): Report {
  const age = (at: string) => now.getTime() - Date.parse(at);
  const isWithin = isWithinOf(now);
  const { lastSuccessAt, lastFailureAt, lastDrillAt } = status;
  const failed =
    lastFailureAt === undefined
      ? ""
      : `the last attempt, ${ago(age(lastFailureAt))}, failed: ${status.lastFailure}`;
  const lines = [
    `repository     ${status.repository}`,
    `newest backup  ${lastSuccessAt === undefined ? "none" : `${ago(age(lastSuccessAt))}, snapshot ${status.lastSnapshot}, ${size(status.lastBytes)} (${size(status.lastBytesAdded)} new) in ${status.lastSeconds} s`}`,
    ...(status.snapshots === undefined ? [] : [`backups kept   ${status.snapshots}`]),
    `last check     ${checkLine(status, now)}`,
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
  const gone = status.snapshotsGone?.split(" ") ?? [];
  if (gone.length > 0)
    faults.push(
      `backups: must stay until this server removes them (got ${gone.length} that somebody else removed, such as ${gone.slice(0, 3).join(", ")}); find out who did; if it was meant: ${command("backup:status", "--accept-gone")}`,
    );
  faults.push(...checkFaults(status, now, command));
  if (!isWithin(lastDrillAt, oldestDrill))
    faults.push(
      `drill: must be at most 8 days old (got ${lastDrillAt === undefined ? "none" : ago(age(lastDrillAt))}); ${command("drill")}`,
    );
  else if (status.lastDrillResult !== "ok")
    faults.push(`drill: must succeed (got ${status.lastDrillResult}); mend that, then ${command("drill")}`);
  return { lines, faults };
}

/** A time that is ahead, or none, says nothing; clocks of two machines may differ by a little. */
const isWithinOf =
  (now: Date) =>
  (at: string | undefined, longest: number): at is string => {
    const age = at === undefined ? NaN : now.getTime() - Date.parse(at);
    return age >= -hour && age <= longest;
  };

type Check = Pick<BackupStatus, "lastCheckAt" | "lastCheckResult" | "lastCheckFailure">;

/** When the repository was looked through, and what was found. */
export function checkLine({ lastCheckAt, lastCheckResult }: Check, now: Date): string {
  if (lastCheckAt === undefined) return "never";
  return `${ago(now.getTime() - Date.parse(lastCheckAt))}: ${lastCheckResult}`;
}

/** What is wrong with the repository: what a damaged or lost file does to a restore no backup notices. */
export function checkFaults(
  { lastCheckAt, lastCheckResult, lastCheckFailure }: Check,
  now: Date,
  command: Command,
): string[] {
  if (lastCheckResult !== undefined && lastCheckResult !== "ok")
    return [
      `repository: must be whole (got ${lastCheckResult}); see docs/backup.md, and make a backup elsewhere meanwhile`,
    ];
  // Before the first one is due there is none.
  if (lastCheckAt === undefined && lastCheckFailure === undefined) return [];
  if (isWithinOf(now)(lastCheckAt, oldestCheck)) return [];
  const age = lastCheckAt === undefined ? "none" : ago(now.getTime() - Date.parse(lastCheckAt));
  const why = lastCheckFailure === undefined ? "" : `; the last attempt could not look: ${lastCheckFailure}`;
  return [`check: must be at most 8 days old (got ${age}${why}); mend that, then ${command("backup:check")}`];
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
