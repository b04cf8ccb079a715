import { relative } from "node:path/posix";
import { type InventoriedHome, inventoryOf } from "../../inventory";
import { adoptionFile, envFile } from "../../inventory/rocketchat";
import { kindOf } from "../backup";
import { got, type Problem } from "../problems";
import type { PlainSettings } from "../schema";
import type { CrossCheck } from "./check";
import { isWithin } from "../within";

export const directoryChecks: CrossCheck[] = [
  { keys: ["prefix", "directory", "mongo.directory"], problem: ensureMongoDirectoryApart },
  {
    keys: ["prefix", "directory", "mongo.directory", "ingress.directory"],
    problem: ensureIngressDirectoryApart,
  },
  {
    keys: [
      "prefix",
      "directory",
      "mongo.directory",
      "ingress.directory",
      "rocketchat.dataDirectory",
      "mongo.dataDirectory",
      "uploads.directory",
    ],
    problem: ensureDataApart,
  },
  {
    keys: [
      "prefix",
      "directory",
      "mongo.directory",
      "ingress.directory",
      "backup.repository",
      "rocketchat.dataDirectory",
      "mongo.dataDirectory",
      "uploads.directory",
    ],
    problem: ensureRepositoryApart,
  },
];

function ensureMongoDirectoryApart({ directory, mongo }: PlainSettings): Problem | undefined {
  if (mongo.mode === "existing") return undefined;
  return ensureApart("mongo.directory", mongo.directory, { directory });
}

function ensureIngressDirectoryApart(settings: PlainSettings): Problem | undefined {
  const { directory, mongo } = settings;
  const [front] = Object.entries(frontDoorDirectory(settings));
  if (front === undefined) return undefined;
  return ensureApart(...front, {
    directory,
    ...(mongo.mode === "managed" ? { "mongo.directory": mongo.directory } : {}),
  });
}

/** The owner of such a directory is changed with all that is in it: so nothing of another user lies there. */
function ensureDataApart(settings: PlainSettings): Problem | undefined {
  if (ensureMongoDirectoryApart(settings) ?? ensureIngressDirectoryApart(settings)) return undefined;
  const { dataDirectories, homes } = inventoryOf(settings);
  // A front door's is apart as a whole.
  const holders = homes.filter(({ part }) => part.role !== "traefik");
  for (const { key, path } of dataDirectories) {
    const holder = holders.find(({ path: other }) => isWithin(other, path));
    if (holder !== undefined) {
      return {
        key,
        rule: `must be neither ${holder.key} itself nor around it, ${holder.path}`,
        value: got(path),
        fix: `change ${key} or ${holder.key}`,
      };
    }
    const others = dataDirectories.filter((other) => other.key !== key);
    const clash = ensureApart(key, path, {
      ...frontDoorDirectory(settings),
      ...Object.fromEntries(holders.flatMap((home) => placesIn(home, settings))),
      ...Object.fromEntries(others.map((other) => [other.key, other.path])),
    });
    if (clash !== undefined) return clash;
  }
  return undefined;
}

/** What has its fixed place in a home, and what lies there for a while. */
function placesIn(home: InventoriedHome, settings: PlainSettings): [name: string, path: string][] {
  const fixed = inventoryOf(settings)
    .directories.filter(({ key, path }) => key === undefined && isWithin(path, home.path))
    .map(({ path }) => path);
  const passing = home.part.role === "rocketchat" ? [`${envFile(settings)}.new`, adoptionFile(settings)] : [];
  return [...fixed, ...passing].map((path) => [`${home.key}'s ${relative(home.path, path)}`, path]);
}

function frontDoorDirectory({ ingress }: PlainSettings): Record<string, string> {
  if (ingress.mode === "managed") return { "ingress.directory": ingress.directory };
  if (ingress.render === "labels" || ingress.dynamicDirectory === "") return {};
  return { "ingress.dynamicDirectory": ingress.dynamicDirectory };
}

/** A backup must not hold itself, nor go with what it is a backup of. */
function ensureRepositoryApart(settings: PlainSettings): Problem | undefined {
  const { backup } = settings;
  if (backup === undefined || kindOf(backup.repository) !== "path") return undefined;
  const { dataDirectories, homes } = inventoryOf(settings);
  const places = [...homes, ...dataDirectories].map(({ key, path }) => [key, path]);
  return ensureApart(
    "backup.repository",
    backup.repository,
    Object.fromEntries(places) as Record<string, string>,
  );
}

function ensureApart(key: string, path: string, others: Record<string, string>): Problem | undefined {
  const clash = Object.entries(others).find(([, other]) => isWithin(path, other) || isWithin(other, path));
  if (clash === undefined) return undefined;
  return {
    key,
    rule: `must be neither inside nor around ${clash[0]}, ${clash[1]}`,
    value: got(path),
    fix: `change ${key} or ${clash[0]}`,
  };
}
