import { z } from "zod";
import { byteSize, duration, image, text, wholeNumber } from "./leaf";
import { isDirectory } from "./names";
import type { ByteSize } from "./units";
import { Duration } from "./units";

/** Encrypted backups of the database, the files, the secrets and the settings. */
export interface BackupSettings {
  /**
   * Where they are kept, required in the group: a directory on the engine's host, `sftp://user@host[:port]/path`, or
   * `s3:https://host/bucket[/path]`; with `http` only where the host is a container's name, without dots.
   */
  repository: string;

  /**
   * When one is made every day, in hours and minutes of the host's clock.
   * @default "03:30"
   */
  time: string;

  /**
   * Up to so much later, by the day and the workspace.
   * @default 15 minutes
   */
  jitter: Duration;

  /** @default 7 */
  keepDaily: number;
  /** @default 4 */
  keepWeekly: number;
  /** @default 6 */
  keepMonthly: number;

  /** What is sent to the repository in a second, at most. Left out: as much as the line takes. */
  uploadLimit?: ByteSize;

  /** The lines of a known_hosts file with the host keys of an sftp repository, which nothing else is trusted for. */
  knownHosts?: string;

  /** restic comes out of it. */
  resticImage: string;

  /** rclone comes out of it, for sftp only. */
  rcloneImage: string;
}

export type RepositoryKind = "path" | "sftp" | "s3";

export function kindOf(repository: string): RepositoryKind {
  return repository.startsWith("sftp://") ? "sftp" : repository.startsWith("s3:") ? "s3" : "path";
}

const host = "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?";
const path = "(/[A-Za-z0-9._-]+)";
const forms = [
  new RegExp(`^sftp://[A-Za-z0-9_][A-Za-z0-9_.-]*@${host}${path}+$`),
  new RegExp(`^s3:https://${host}${path}+$`),
  // A name without dots is a container's: what is not encrypted stays on the host.
  new RegExp(`^s3:http://[A-Za-z][A-Za-z0-9-]*(:[0-9]{1,5})?${path}+$`),
];

export const backupSchema = z.strictObject({
  repository: text(
    "/var/backups/rocketchat",
    "must be an absolute path of at least two levels, sftp://user@host[:port]/path or s3:https://host/bucket[/path] (http only to a container, whose name has no dots)",
    (value) => isDirectory(value) || (forms.some((form) => form.test(value)) && !value.includes("..")),
  ),
  time: text("03:30", "must be hours and minutes from 00:00 to 23:59", (value) =>
    /^([01][0-9]|2[0-3]):[0-5][0-9]$/.test(value),
  ).default("03:30"),
  jitter: duration("15 minutes", "0 seconds", "6 hours").default(Duration.minutes(15)),
  keepDaily: wholeNumber(7, 1, 3660).default(7),
  keepWeekly: wholeNumber(4, 0, 520).default(4),
  keepMonthly: wholeNumber(6, 0, 120).default(6),
  uploadLimit: byteSize("2 MiB", "1 KiB").optional(),
  knownHosts: text(
    "backup.example.org ssh-ed25519 AAAA…",
    "must be lines of a known_hosts file, each with a host by name, a type and a key, without patterns and markers",
    (value) => value.trim() !== "" && value.trim().split("\n").every(isHostKey),
  ).optional(),
  resticImage: image("restic/restic:0.18.1").default("restic/restic:0.18.1"),
  rcloneImage: image("rclone/rclone:1.75.2").default("rclone/rclone:1.75.2"),
});

/** Of hosts by name, or by its hash: a pattern or an authority would be trusted for hosts that nobody named. */
function isHostKey(line: string): boolean {
  return /^[^\s#@*?!]+ (ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]{16,}( .*)?$/.test(line.trim());
}
