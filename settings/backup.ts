import { z } from "zod";
import { byteSize, duration, flag, image, text, wholeNumber } from "./leaf";
import { isDirectory } from "./names";
import type { ByteSize } from "./units";
import { Duration } from "./units";

/** Encrypted backups of the database, the files, the secrets and the settings. */
export interface BackupSettings {
  /**
   * Where they are kept, required in the group: a directory on the engine's host, `sftp://user@host[:port]/path`,
   * `s3:https://host/bucket[/path]`, with `http` only where the host is a container's name, without dots; or
   * `rest:https://host[:port]/path` (restic's rest-server, `rclone serve restic`).
   */
  repository: string;

  /**
   * The repository takes new backups and gives none away: the schedule removes no old ones, which `npm run backup:prune` does
   * with a credential of its own. With s3 and rest only.
   * @default false
   */
  appendOnly: boolean;

  /** Certificates, as PEM, of whoever signed the server's, where no public authority did. With s3 and rest only. */
  caCertificate?: string;

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

export type RepositoryKind = "path" | "sftp" | "s3" | "rest";

export function kindOf(repository: string): RepositoryKind {
  if (repository.startsWith("sftp://")) return "sftp";
  if (repository.startsWith("rest:")) return "rest";
  return repository.startsWith("s3:") ? "s3" : "path";
}

const host = "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?";
const path = "(/[A-Za-z0-9._-]+)";
const forms = [
  new RegExp(`^sftp://[A-Za-z0-9_][A-Za-z0-9_.-]*@${host}${path}+$`),
  new RegExp(`^rest:https://${host}${path}+$`),
  new RegExp(`^s3:https://${host}${path}+$`),
  // A name without dots is a container's: what is not encrypted stays on the host.
  new RegExp(`^s3:http://[A-Za-z][A-Za-z0-9-]*(:[0-9]{1,5})?${path}+$`),
];

export const backupSchema = z.strictObject({
  repository: text(
    "/var/backups/rocketchat",
    "must be an absolute path of at least two levels, sftp://user@host[:port]/path, s3:https://host/bucket[/path] (http only to a container, whose name has no dots) or rest:https://host[:port]/path",
    (value) => isDirectory(value) || (forms.some((form) => form.test(value)) && !value.includes("..")),
  ),
  appendOnly: flag(true).default(false),
  caCertificate: text(
    "-----BEGIN CERTIFICATE-----…",
    "must be certificates in PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
    (value) => /^(-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/.test(value),
  ).optional(),
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
    holdsHostKeys,
  ).optional(),
  resticImage: image("restic/restic:0.19.1").default("restic/restic:0.19.1"),
  rcloneImage: image("rclone/rclone:1.75.2").default("rclone/rclone:1.75.2"),
});

/** Comments and empty lines are as good as none. */
function holdsHostKeys(text: string): boolean {
  const lines = text.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
  return lines.length > 0 && lines.every(isHostKey);
}

/** Of hosts by name, or by its hash: a pattern or an authority would be trusted for hosts that nobody named. */
function isHostKey(line: string): boolean {
  return /^[^\s#@*?!]+ (ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]{16,}( .*)?$/.test(line.trim());
}

/** A file that restic or rclone reads: what it is made of, and how. */
interface CredentialFile {
  secrets: (
    | "backupS3AccessKeyId"
    | "backupS3SecretAccessKey"
    | "backupSftpKey"
    | "backupRestUser"
    | "backupRestPassword"
  )[];
  text: (values: string[]) => string;
}

/** The files that a repository is opened with, by their names. `scripts/backup/common.sh` knows them. */
export function credentialFiles({
  repository,
  knownHosts = "",
  caCertificate,
}: Pick<BackupSettings, "repository" | "knownHosts" | "caCertificate">): Record<string, CredentialFile> {
  const plain = (text: string): CredentialFile => ({ secrets: [], text: () => `${text.trim()}\n` });
  const ca = caCertificate === undefined ? {} : { "ca.pem": plain(caCertificate) };
  const byKind: Record<RepositoryKind, Record<string, CredentialFile>> = {
    path: {},
    sftp: {
      "sftp-key": { secrets: ["backupSftpKey"], text: ([key = ""]) => `${key.trim()}\n` },
      "known-hosts": plain(knownHosts),
    },
    s3: {
      s3: {
        secrets: ["backupS3AccessKeyId", "backupS3SecretAccessKey"],
        text: ([id, key]) => `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${key}\n`,
      },
      ...ca,
    },
    rest: {
      // As an address has them.
      rest: {
        secrets: ["backupRestUser", "backupRestPassword"],
        text: (values) => `${values.map(encodeURIComponent).join(":")}\n`,
      },
      ...ca,
    },
  };
  return byKind[kindOf(repository)];
}
