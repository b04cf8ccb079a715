import type { Operator } from "../../terminal/operator";
import { say } from "../../terminal/steps";
import { restoreFile } from "./files";
import { refuseUnfinished } from "./journal";
import type { FilePart, Site } from "./site";
import { findSnapshot, readManifest } from "./snapshots";
import { Worker } from "./worker";

/** Puts one file of a snapshot in its place while the workspace runs. */
export async function restoreOne(
  site: Site,
  operator: Operator,
  wanted: { snapshot: string; part: FilePart; name: string; yes: boolean },
): Promise<number> {
  await refuseUnfinished(site);
  const worker = await Worker.start(site);
  try {
    const snapshot = await findSnapshot(worker, site, wanted.snapshot);
    await readManifest(worker, site, snapshot);
    const file = `${site.fileDirectories[wanted.part]}/${wanted.name}`;
    say(`${file} becomes what it was in the snapshot ${snapshot.short_id}; nothing else changes.`);
    if (!wanted.yes) await operator.confirm(site.stack.name, "npm run restore", "nothing was changed");
    await restoreFile(worker, site, wanted.part, wanted.name, snapshot.id);
    say(`${file} is there again.`);
    return 0;
  } finally {
    await worker.remove();
  }
}
