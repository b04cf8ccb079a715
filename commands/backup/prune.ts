import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BackupSettings, kindOf } from "../../settings/backup";
import { workspaceName } from "../../inventory/rocketchat";
import { clientEnvironment } from "../../terminal/child-environment";
import type { PlainSettings } from "../../settings/schema";
import { capture, OperatorError, say } from "../../terminal/steps";

export interface PruneOptions {
  /** As restic names it. @default `backup.repository` */
  repository: string | undefined;
  /** Asked once the operator has read what would go. @throws where that is not agreed to */
  agree: () => Promise<void>;
  /** Has the credential, under the names that restic gives it. */
  env: NodeJS.ProcessEnv;
}

interface Snapshot {
  id: string;
  short_id: string;
  time: string;
}

/** What restic takes its credentials from, by the kind of repository. */
const credentials = {
  rest: ["RESTIC_REST_USERNAME", "RESTIC_REST_PASSWORD"],
  s3: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
};

/** What restic's `forget` ends with, from 0.19 on, where it could not remove all. */
const someStayed = 3;

/**
 * Removes the backups that need not be kept, with restic on this machine, once the operator has seen which.
 * @returns how many
 */
export async function prune(
  settings: PlainSettings & { backup: BackupSettings },
  password: string,
  { repository, agree, env }: PruneOptions,
): Promise<number> {
  const { backup } = settings;
  const kind = kindOf(backup.repository);
  const byProfile = kind === "s3" && Boolean(env["AWS_PROFILE"]);
  const missing =
    repository === undefined && !byProfile && (kind === "rest" || kind === "s3")
      ? credentials[kind].filter((name) => !env[name])
      : [];
  if (missing.length > 0)
    throw new OperatorError(
      `${missing.join(" and ")}: must hold the credential that may remove backups (got nothing); set it for this command alone, and keep it off the server`,
    );

  const directory = mkdtempSync(join(tmpdir(), "prune-"));
  try {
    const options = ["--repo", repository ?? backup.repository];
    if (backup.caCertificate !== undefined) {
      writeFileSync(join(directory, "ca.pem"), backup.caCertificate);
      options.push("--cacert", join(directory, "ca.pem"));
    }
    const restic = async (...args: string[]) => {
      const answer = await capture({
        command: "restic",
        args: ["--quiet", "--no-cache", ...options, ...args],
        env: resticEnvironment(env),
        input: `${password}\n`,
      });
      if (answer.status === 127)
        throw new OperatorError(
          `restic: must be on the PATH of this machine (${answer.stderr}); install it from your distribution`,
        );
      if (answer.status !== 0 && !(args[0] === "forget" && answer.status === someStayed))
        throw new OperatorError(
          `${answer.stderr.trim()}\nrestic ${args[0]}: must end well (got status ${answer.status}); mend what it says`,
        );
      return answer;
    };
    const own = ["--host", workspaceName(settings), "--tag", "rocketchat"];
    const list = async () => JSON.parse((await restic("snapshots", "--json", ...own)).stdout) as Snapshot[];
    const there = await list();
    refuseAhead(there, new Date());

    const planned = await restic("forget", "--dry-run", "--json", ...own, ...policyOf(backup));
    const groups = JSON.parse(planned.stdout || "[]") as { remove: Snapshot[] | null }[];
    const going = groups.flatMap(({ remove }) => remove ?? []);
    if (going.length === 0) {
      say(`None of the ${there.length} backups is to be removed.`);
      return 0;
    }
    say(`Of ${there.length} backups these are removed, since backup.keep… does not ask for them:`);
    for (const { short_id, time } of going) say(`  ${short_id}  ${time.slice(0, 16).replace("T", " ")}`);
    say("Look whether their number and times are what you expect.");
    await agree();

    const { stderr } = await restic("forget", "--retry-lock", "10m", "--prune", ...going.map(({ id }) => id));
    // Where the store refused, restic before 0.19 ends with 0.
    const left = new Set((await list()).map(({ id }) => id));
    const stayed = going.filter(({ id }) => left.has(id));
    if (stayed.length > 0)
      throw new OperatorError(
        `${stderr.trim()}\nbackup.repository: must let this credential remove (got ${stayed.length} that are still there); use the one that may`,
      );
    say(`${going.length} backups are removed; ${left.size} are kept.`);
    return going.length;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The names by which restic's stores take credentials, and restic its own options. */
const ofRestic = /^(RESTIC|AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE)_/;
/** Given by options here. Where nothing else names a password, restic reads it from standard input. */
const given = /^RESTIC_(PASSWORD|REPOSITORY|CACERT|TLS_CLIENT_CERT)/;

function resticEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => ofRestic.test(name) && !given.test(name));
  return clientEnvironment(Object.fromEntries(own), env);
}

/** As `thin_out` of scripts/backup/common.sh. */
export function policyOf({ keepDaily, keepWeekly, keepMonthly }: BackupSettings): string[] {
  return [
    "--group-by=host,tags",
    "--keep-last=1",
    "--keep-within=2d",
    `--keep-daily=${keepDaily}`,
    `--keep-weekly=${keepWeekly}`,
    `--keep-monthly=${keepMonthly}`,
  ];
}

/** A server that was taken over could have good backups removed by newer ones of its making. */
export function refuseAhead(snapshots: Snapshot[], now: Date): void {
  const ahead = snapshots.find(({ time }) => Date.parse(time) > now.getTime() + 3_600_000);
  if (ahead === undefined) return;
  throw new OperatorError(
    `snapshot ${ahead.short_id}: must have been made by now (got ${ahead.time}); nothing was removed; find out how it came there, and forget it by its id first`,
  );
}
