import { say, tell } from "../../terminal/steps";
import { megabytes } from "./checks";
import type { Site } from "./site";
import { beforeRestore, listSnapshots, readManifest } from "./snapshots";
import { Worker } from "./worker";

/** Lists the snapshots, newest first. */
export async function list(site: Site, all: boolean): Promise<number> {
  const worker = await Worker.start(site);
  try {
    const snapshots = await listSnapshots(worker, site, all);
    if (snapshots.length === 0) {
      say(
        `The repository has no snapshot of ${all ? "any workspace" : site.chat}; make one: ${site.command("backup")}`,
      );
      return 0;
    }
    tell(row(["SNAPSHOT", "MADE (UTC)", "AGE", "DATABASE", "UPLOADS", "ROCKET.CHAT", "MONGODB", "OF"]));
    for (const snapshot of snapshots.reverse()) {
      const manifest = await readManifest(worker, site, snapshot).catch((error: Error) => error);
      const made = new Date(snapshot.time);
      const known =
        manifest instanceof Error
          ? ["cannot be read"]
          : [
              megabytes(manifest.dump.bytes),
              `${manifest.uploads.files} (${megabytes(manifest.uploads.bytes)})`,
              manifest.rocketchatVersion,
              manifest.mongodbVersion,
              snapshot.hostname + (snapshot.tags.includes(beforeRestore) ? ", before a restore" : ""),
            ];
      const date = made.toISOString().slice(0, 16).replace("T", " ");
      tell(row([snapshot.short_id, date, ageOf(made), ...known]));
    }
    say(`\nTo put one back: ${site.command("restore", "SNAPSHOT")}`);
    return 0;
  } finally {
    await worker.remove();
  }
}

const widths = [10, 18, 10, 10, 18, 13, 9, 0];

function row(cells: string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(widths[index] ?? 0))
    .join(" ")
    .trimEnd();
}

/** As people say it. */
export function ageOf(made: Date, now = Date.now()): string {
  const minutes = Math.max(0, Math.round((now - made.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 60 / 24)} days`;
}
