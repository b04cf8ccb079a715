import type { Site } from "./site";
import type { Part } from "./site";
import type { Manifest } from "./snapshots";

/** A place where a part of a snapshot needs room. */
export interface Room {
  what: string;
  /** The disk. */
  device: string;
  neededBytes: number;
  freeBytes: number;
}

/** Why a snapshot cannot be restored into the stack, each with the fix; nothing when it can. */
export function faultsOf(
  manifest: Manifest,
  site: Pick<Site, "settings" | "command">,
  rooms: Room[],
): string[] {
  const { version } = site.settings.rocketchat;
  return [
    ...(compareVersions(manifest.rocketchatVersion, version) > 0
      ? [
          `rocketchat.version: must be at least the snapshot's, ${manifest.rocketchatVersion} (got ${version}); its migrations have no way back: update the stack first, ${site.command("up")}`,
        ]
      : []),
    ...roomFaults(rooms),
  ];
}

/** @param why So much is needed. */
export function roomFaults(
  rooms: Room[],
  why = "the old data are kept beside the new until the workspace has answered",
): string[] {
  const byDevice = new Map<string, Room[]>();
  for (const room of rooms) byDevice.set(room.device, [...(byDevice.get(room.device) ?? []), room]);
  return [...byDevice.values()].flatMap((needs) => {
    const needed = needs.reduce((sum, { neededBytes }) => sum + neededBytes, 0);
    const free = Math.min(...needs.map(({ freeBytes }) => freeBytes));
    if (free >= needed) return [];
    return [
      `disk: must have ${megabytes(needed)} free for ${needs.map(({ what }) => what).join(" and ")} (got ${megabytes(free)}); ${why}: make room`,
    ];
  });
}

/** As people read it. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** Below 0, 0 or above 0, by the numbers of x.y.z; a release candidate comes before its release. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => {
    const [, x = "0", y = "0", z = "0", rc] = /^(\d+)\.(\d+)\.(\d+)(?:-rc\.(\d+))?/.exec(version) ?? [];
    return [x, y, z, rc ?? "Infinity"].map(Number);
  });
  const at = a!.findIndex((number, index) => number !== b![index]);
  return at === -1 ? 0 : a![at]! - b![at]!;
}

/** Where the parts go, and how much of the snapshot each takes. */
export function needsOf(
  site: Site,
  parts: Part[],
  manifest: Manifest,
  totalBytes: number,
): { what: string; path: string; neededBytes: number }[] {
  const others = Math.max(0, totalBytes - manifest.dump.bytes - manifest.uploads.bytes);
  return [
    ...(parts.includes("database")
      ? [{ what: "the dump", path: site.backupDirectory, neededBytes: manifest.dump.bytes }]
      : []),
    ...(parts.includes("uploads")
      ? [
          {
            what: "the uploads",
            path: site.fileDirectories.uploads,
            neededBytes: manifest.uploads.bytes,
          },
        ]
      : []),
    ...(parts.includes("data")
      ? [{ what: "the other files", path: site.fileDirectories.data, neededBytes: others }]
      : []),
  ];
}
