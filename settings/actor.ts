import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** The process of a command, and its machine. */
export interface Actor {
  host: string;
  pid: number;
  /** ISO 8601: another process may have the number since. */
  timestamp: string;
}

export const thisActor: Actor = {
  host: hostname(),
  pid: process.pid,
  timestamp: new Date().toISOString(),
};

/** Whether it is certainly gone: it ran on this machine and has ended. */
export function hasEnded(actor: Actor): boolean {
  return actor.host === hostname() && !isAlive(actor);
}

/** Whether a process of this machine is the one that was there at a time, ISO 8601. */
export function isAlive({ pid, timestamp }: Pick<Actor, "pid" | "timestamp">): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const started = startOf(pid);
  // A process that began after the lock was taken cannot hold it.
  return started === undefined || started <= Date.parse(timestamp) + 2000;
}

/** When a process began, in milliseconds; undefined where /proc does not say. Field 22 of stat is in ticks of 10 ms. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return Number.POSITIVE_INFINITY; // ended, its parent has not noticed
    const boot = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]) * 1000;
    const started = boot + Number(fields[19]) * 10;
    return Number.isFinite(started) ? started : undefined;
  } catch {
    return undefined;
  }
}
