import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive } from "../../settings/actor";
import { commandFor } from "../../settings/command";
import type { Stack } from "../stack/stack";
import { capture, OperatorError, say } from "../../terminal/steps";

/** The name in Pulumi.yaml. */
export const project = "rocketchat";

/** Stands for the process in a lock whose writing was cut off. */
const unwritten = 0;

/** A lock as Pulumi's file backend keeps it. */
export interface Lock {
  file: string;
  pid: number;
  username: string;
  hostname: string;
  /** ISO 8601. */
  timestamp: string;
}

/**
 * The locks on a stack. None for a backend that is not a directory: there Pulumi itself answers.
 * @throws OperatorError when a lock cannot be read, so that nobody removes it unseen.
 */
export async function locksOn(stack: Stack): Promise<Lock[]> {
  const backend = await backendDirectory(stack);
  if (backend === undefined) return [];
  const directory = join(backend, "locks", "organization", project, stack.name);
  if (!existsSync(directory)) return [];
  return (
    readdirSync(directory)
      // The backend writes it beside, as `….json.….tmp`, and renames it; killed in between, Pulumi takes that for a lock, too.
      .filter((name) => /\.json(\..*\.tmp)?$/.test(name))
      .flatMap((name) => readLock(join(directory, name)) ?? [])
  );
}

/** Its process ran on this machine and has ended, or its number has gone to another one since. */
export function isStale(lock: Lock): boolean {
  if (lock.pid === unwritten) return Date.now() - Date.parse(lock.timestamp) > 2000;
  return lock.hostname === hostname() && !isAlive(lock);
}

export function removeLock(stack: Stack, lock: Lock): void {
  rmSync(lock.file, { force: true });
  rmSync(`${lock.file}.attrs`, { force: true });
  say(
    `▸ removed the lock on ${stack.name} that a deployment left when it was interrupted (${holderOf(lock)})`,
  );
}

/** @throws OperatorError that names who holds the stack, since when, and what to do. */
export function refuseHeld(stack: Stack, lock: Lock): never {
  const here = lock.hostname === hostname();
  const how = commandFor(stack.name, "pulumi", "cancel");
  throw new OperatorError(
    `stack ${stack.name}: one deployment at a time (got a second one, while ${holderOf(lock)} is at work); ` +
      (here
        ? `wait until process ${lock.pid} has ended, then run the command again`
        : `wait until it has ended; if that process is gone from ${lock.hostname}, run: ${how}`),
  );
}

function holderOf({ username, hostname: host, pid, timestamp }: Lock): string {
  return `${username}@${host}, process ${pid}, since ${timestamp}`;
}

/** `.pulumi` of a backend that is a directory. */
export async function backendDirectory(stack: Stack): Promise<string | undefined> {
  const named = stack.env["PULUMI_BACKEND_URL"] ?? "";
  const url = named.startsWith("file:///") ? named : await loginOf(stack);
  if (!url.startsWith("file://")) return undefined;
  const home = process.env["HOME"] ?? "";
  const path = url.startsWith("file://~") ? url.replace("file://~", home) : fileURLToPath(url);
  return join(path, ".pulumi");
}

/** Empty where nobody is logged in: the command that follows says so. */
async function loginOf(stack: Stack): Promise<string> {
  const answer = await capture({ command: "pulumi", args: ["whoami", "--json"], env: stack.env });
  return answer.status === 0 ? ((JSON.parse(answer.stdout) as { url?: string }).url ?? "") : "";
}

/** @returns nothing when its owner removed it meanwhile. */
function readLock(file: string): Lock | undefined {
  try {
    return { ...(JSON.parse(readFileSync(file, "utf8")) as Omit<Lock, "file">), file };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (file.endsWith(".tmp")) return cutOff(file);
    throw new OperatorError(
      `${file}: must be a lock of Pulumi (got a file that cannot be read); see that no deployment runs, then remove it`,
      { cause: error },
    );
  }
}

/** A lock that was being written. Whoever writes it takes milliseconds for it. */
function cutOff(file: string): Lock | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const nobody = { pid: unwritten, username: "somebody", hostname: hostname() };
  return { file, ...nobody, timestamp: stat.mtime.toISOString() };
}
