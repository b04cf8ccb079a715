import { dirname, join, relative } from "node:path/posix";
import { inventoryOf } from "../inventory";
import type { Mount } from "../inventory/part";
import { commandFor } from "../settings/command";
import type { PlainSettings } from "../settings/schema";
import type { Check } from "./check";
import { type HostFacts, realPath } from "./host-facts";

/** A directory of the settings, and how a container of the stack shows where it was when it was made. */
interface Place {
  key: string;
  path: string;
  container: string;
  /** Path inside the container. */
  mountedAt: string;
  /** The directory itself is mounted, or something in it. */
  placeOf: (source: string) => string;
  /** Goes wherever that one goes. */
  within?: string;
}

/**
 * A directory with data whose setting has changed: the service would start empty beside it. The engine knows where the data are
 * from the containers that run on them, and the host from the last deployment's note.
 */
export const moved: Check = (settings, { mounts, noted, places }) => {
  const found = placesOf(settings).flatMap((home) => {
    const source = mounts.find(
      ({ container, path }) => container === home.container && path === home.mountedAt,
    )?.source;
    const old = source === undefined ? (noted.get(home.key) ?? home.path) : home.placeOf(source);
    const [now, then] = [realPath(places.get(home.path)), realPath(places.get(old))];
    if (now !== undefined && now === then) return []; // by another name, as through a link
    return old !== home.path && (places.get(old)?.entries ?? []).length > 0 ? [{ ...home, old }] : [];
  });
  const { stack } = settings;
  const keys = found.map(({ key }) => key);
  return found
    .filter(({ within }) => within === undefined || !keys.includes(within))
    .map(({ key, path, old }) => ({
      key,
      rule: "must stay where the data are",
      value: `got ${path}, while ${old} holds them`,
      fix: `set it back; or move them: ${commandFor(stack, "down")}, on the server mkdir -p ${dirname(path)} && mv ${old} ${path}, then ${commandFor(stack, "up")}`,
    }));
};

/** What a deployment notes on the host, for the next one: a line for each directory, its key and its path. */
export function placesNote(settings: PlainSettings): string {
  return placesOf(settings)
    .map(({ key, path }) => `${key}\t${path}\n`)
    .join("");
}

/** Where data may be now, to be looked at. */
export function formerPlaces(settings: PlainSettings, mounts: HostFacts["mounts"]): string[] {
  return placesOf(settings).flatMap((home) =>
    mounts
      .filter(({ container, path }) => container === home.container && path === home.mountedAt)
      .map(({ source }) => home.placeOf(source)),
  );
}

/** Each home, then the directories in it that have a setting of their own. In an order that the note on the host keeps. */
function placesOf(settings: PlainSettings): Place[] {
  return inventoryOf(settings).homes.flatMap(({ key, path, part }) => {
    const named = part.directories.flatMap((one) =>
      one.key === undefined ? [] : [{ ...one, key: one.key }],
    );
    const { container } = part;
    if (container === undefined) return [];
    const isNamed = ({ source }: Mount) => named.some((one) => one.path === source);
    const shown = (place: { key: string; path: string }, shows: (mount: Mount) => boolean) =>
      container.mounts
        .filter(shows)
        .slice(0, 1)
        .map(({ source, target }) => ({
          ...place,
          container: container.name,
          mountedAt: target,
          placeOf: (now: string) => join(now, relative(source, place.path)),
        }));
    return [
      ...shown({ key, path }, (mount) => !isNamed(mount) && mount.source.startsWith(`${path}/`)),
      ...named.flatMap((one) =>
        shown({ key: one.key, path: one.path }, ({ source }) => source === one.path).map((place) => ({
          ...place,
          within: key,
        })),
      ),
    ];
  });
}
