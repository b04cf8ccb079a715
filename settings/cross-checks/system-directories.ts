import { inventoryOf } from "../../inventory";
import { notesDirectory } from "../../inventory/host";
import { got, type Problem } from "../problems";
import type { PlainSettings } from "../schema";
import type { CrossCheck } from "./check";
import { isWithin } from "../within";

/** What the system, Docker and this project keep there is its own, and much of it is gone after a restart. */
const withAllBelow = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/lib",
  "/lib32",
  "/lib64",
  "/lost+found",
  "/proc",
  "/root",
  "/run",
  "/sbin",
  "/sys",
  "/tmp",
  "/usr",
  "/var/lib/containerd",
  "/var/lib/docker",
  "/var/run",
  "/var/tmp",
  notesDirectory,
];

/** What others have directories in: one may be this stack's, the whole may not. */
const asAWhole = [
  "/home",
  "/media",
  "/mnt",
  "/opt",
  "/srv",
  "/usr/local",
  "/var/backups",
  "/var/cache",
  "/var/lib",
  "/var/local",
  "/var/lock",
  "/var/log",
  "/var/mail",
  "/var/opt",
  "/var/spool",
  "/var/www",
  "/opt/containerd",
];

/** Keys of the directories in which this project changes owners or removes things. */
const directoryKeys = [
  "directory",
  "rocketchat.dataDirectory",
  "uploads.directory",
  "mongo.directory",
  "mongo.dataDirectory",
  "ingress.directory",
  "backup.repository",
];

function pathOf(key: string, settings: PlainSettings): string | undefined {
  const { directories, homes } = inventoryOf(settings);
  return [...homes, ...directories].find((one) => one.key === key)?.path;
}

/** A key that is left out follows another one, whose fault is told. */
export const systemDirectoryChecks: CrossCheck[] = directoryKeys.map((key) => ({
  keys: ["prefix", "directory", "mongo.directory", key],
  problem: (settings) => ofTheSystem(key, pathOf(key, settings), settings),
}));

function ofTheSystem(key: string, path: string | undefined, settings: PlainSettings): Problem | undefined {
  const system = path === undefined ? undefined : systemDirectoryAt(path);
  if (path === undefined || system === undefined) return undefined;
  const parent = key === "mongo.dataDirectory" ? "mongo.directory" : "directory";
  const follows = key !== parent && isWithin(path, pathOf(parent, settings) ?? "/none");
  if (follows && ofTheSystem(parent, pathOf(parent, settings), settings) !== undefined) return undefined;
  return {
    key,
    rule: `must be a directory of this service alone, not ${isWithin(path, system) ? "in" : "around"} ${system}`,
    value: got(path),
    fix: `choose another, such as /srv/${key === "backup.repository" ? "backups/rocketchat" : "rocketchat"}`,
  };
}

/** The directory of the system that a path is in or around; none where the path may be a service's alone. */
export function systemDirectoryAt(path: string): string | undefined {
  return (
    withAllBelow.find((one) => isWithin(path, one) || isWithin(one, path)) ??
    asAWhole.find((one) => isWithin(one, path))
  );
}
