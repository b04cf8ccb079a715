import { dirname } from "node:path";
import { commandFor } from "../command";
import type { PlainSettings } from "../resolve";
import type { Check } from "./check";
import { type HostFacts, realPath } from "./facts";
import { ownMongo, ownTraefik } from "./parts";

/** A directory of the settings, and how a container of the stack shows where it was when it was made. */
interface Home {
  key: string;
  path: string;
  container: string;
  /** Path inside the container. */
  mountedAt: string;
  /** The directory itself is mounted, or a file in it. */
  placeOf: (source: string) => string;
  /** Goes wherever that one goes. */
  within?: string;
}

/**
 * A directory with data whose setting has changed: the service would start empty beside it. The engine knows where the data are
 * from the containers that run on them, and the host from the last deployment's note.
 */
export const moved: Check = (settings, { mounts, noted, places }) => {
  const found = homesOf(settings).flatMap((home) => {
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
  return homesOf(settings)
    .map(({ key, path }) => `${key}\t${path}\n`)
    .join("");
}

/** Where data may be now, to be looked at. */
export function formerPlaces(settings: PlainSettings, mounts: HostFacts["mounts"]): string[] {
  return homesOf(settings).flatMap((home) =>
    mounts
      .filter(({ container, path }) => container === home.container && path === home.mountedAt)
      .map(({ source }) => home.placeOf(source)),
  );
}

function homesOf(settings: PlainSettings): Home[] {
  const { directory, prefix, rocketchat, uploads } = settings;
  const [mongo, traefik] = [ownMongo(settings), ownTraefik(settings)];
  const itself = (source: string) => source;
  const chat = { container: `${prefix}rocketchat`, placeOf: itself, within: "directory" };
  return [
    {
      ...{ key: "directory", path: directory, container: chat.container },
      ...{ mountedAt: "/app/.env", placeOf: dirname },
    },
    { ...chat, key: "uploads.directory", path: uploads.directory, mountedAt: "/app/uploads" },
    { ...chat, key: "rocketchat.dataDirectory", path: rocketchat.dataDirectory, mountedAt: "/app/data" },
    ...(mongo
      ? [
          {
            ...{ key: "mongo.directory", path: mongo.directory, container: mongo.hostname },
            ...{ mountedAt: "/etc/mongod/keyfile", placeOf: (source: string) => dirname(dirname(source)) },
          },
          {
            ...{ key: "mongo.dataDirectory", path: mongo.dataDirectory, container: mongo.hostname },
            ...{ mountedAt: "/data/db", placeOf: itself, within: "mongo.directory" },
          },
        ]
      : []),
    ...(traefik
      ? [
          {
            ...{ key: "ingress.directory", path: traefik.directory, container: `${prefix}traefik` },
            ...{ mountedAt: "/acme", placeOf: dirname },
          },
        ]
      : []),
  ];
}
