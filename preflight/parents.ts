import { inventoryOf } from "../inventory";
import type { Problem } from "../settings/problems";
import type { Check } from "./check";
import type { Owned, Place } from "./host-facts";

/**
 * Directories that hold data lie below directories of others than those who write the data: who may write to one above could put a
 * link in its place, and root would prepare, back up and restore what that leads to (docs/decisions/0015).
 */
export const parents: Check = (settings, { places }) => {
  const data = inventoryOf(settings).dataDirectories.map(({ key, path }) => ({
    key,
    path,
    place: places.get(path),
  }));
  // Who writes is known by what is there; a directory that is missing is made below those that were looked at.
  const writers = data.flatMap(({ place }) => ownersOf(place).slice(0, place?.kind === "directory" ? 1 : 0));
  const uids = new Set(writers.map(({ uid }) => uid).filter((uid) => uid !== 0));
  const gids = new Set(writers.map(({ gid }) => gid).filter((gid) => gid !== 0));
  return data.flatMap(({ key, path, place }) => faults(key, path, place, uids, gids)).slice(0, 1);
};

const ownersOf = (place: Place | undefined): Owned[] => place?.owners ?? [];

function faults(
  key: string,
  path: string,
  place: Place | undefined,
  uids: Set<number>,
  gids: Set<number>,
): Problem[] {
  const all = ownersOf(place);
  const isThere = place?.kind === "directory";
  return all.slice(isThere ? 1 : 0).flatMap((above, index) => {
    const below = all[isThere ? index : index - 1];
    const why = whyOpen(above, below, uids, gids);
    if (why === undefined) return [];
    return [
      {
        key,
        rule: "must lie below directories of root's alone, or whoever writes to one could put a link in its place",
        value: `got ${path} below ${above.path}, ${why}`,
        fix: `see who needs that, then on the server: chown root:root ${above.path} && chmod go-w ${above.path}`,
      },
    ];
  });
}

/** How somebody who writes data could replace what lies in a directory; with the sticky bit it must be his own. */
function whyOpen(
  { uid, gid, mode }: Owned,
  below: Owned | undefined,
  uids: Set<number>,
  gids: Set<number>,
): string | undefined {
  if (uids.has(uid)) return `which is of uid ${uid}, who writes data`;
  const isSafe = (mode & 0o1000) !== 0 && !uids.has(below?.uid ?? 0);
  if (isSafe) return undefined;
  if ((mode & 0o002) !== 0) return "to which everybody may write";
  if ((mode & 0o020) !== 0 && gids.has(gid)) return `to which the group ${gid} of who writes data may write`;
  return undefined;
}
