import { inventoryOf } from "../inventory";
import { setCommand } from "../settings/problems";
import type { PlainSettings } from "../settings/schema";
import { ByteSize } from "../settings/units";
import type { Check } from "./check";
import type { HostFacts } from "./host-facts";

/** Room that is wanted on the disk of a place. */
interface Need {
  key: string;
  path: string;
  mebibytes: number;
  reason: string;
}

/** Room on each disk for all that will lie on it. */
export const room: Check = (settings, host) => {
  const byDevice = new Map<string, Need[]>();
  for (const need of needsOf(settings, host)) {
    const device = host.places.get(need.path)?.device;
    if (device === undefined || need.mebibytes === 0) continue;
    byDevice.set(device, [...(byDevice.get(device) ?? []), need]);
  }
  return [...byDevice.values()].flatMap((needs) => {
    const [largest] = needs.sort((a, b) => b.mebibytes - a.mebibytes);
    const wanted = needs.reduce((sum, { mebibytes }) => sum + mebibytes, 0);
    const free = Math.floor((host.places.get(largest!.path)?.freeBytes ?? 0) / (1 << 20));
    if (free >= wanted) return [];
    const reasons = needs.map(({ mebibytes, reason }) => `${size(mebibytes)} for ${reason}`).join(", ");
    const { key, path } = largest!;
    return [
      {
        key,
        rule: `must have ${size(wanted)} free on its disk: ${reasons}`,
        value: `got ${size(free)} on the disk of ${path}`,
        fix:
          key === "engine"
            ? "make room there: docker system df shows what Docker holds, docker image prune removes what no container uses"
            : `make room there, or set a directory on a larger disk: ${setCommand(key, "/PATH")}`,
      },
    ];
  });
};

function needsOf(settings: PlainSettings, { dataRoot, images, places }: HostFacts): Need[] {
  const { homes, images: wanted } = inventoryOf(settings);
  const fetched = wanted
    .filter(({ name }) => !images.has(name))
    .reduce((sum, { mebibytes }) => sum + mebibytes, 0);
  return [
    { key: "engine", path: dataRoot, mebibytes: 256, reason: "the containers and their logs" },
    { key: "engine", path: dataRoot, mebibytes: fetched, reason: "images that are not there yet" },
    ...homes.map(({ key, room: { path, first, later, reason } }) => {
      const isNew = (places.get(path)?.entries ?? []).length === 0;
      return { key, path, mebibytes: isNew ? first : later, reason };
    }),
  ];
}

function size(mebibytes: number): string {
  return ByteSize.mebibytes(mebibytes).toString();
}
