import { kindOf } from "../backup";
import { got, type Problem } from "../problems";
import type { PlainSettings } from "../resolve";
import type { CrossCheck } from "./check";

export const directoryChecks: CrossCheck[] = [
  { keys: ["prefix", "directory", "mongo.directory"], problem: ensureMongoDirectoryApart },
  {
    keys: ["prefix", "directory", "mongo.directory", "ingress.directory"],
    problem: ensureIngressDirectoryApart,
  },
  {
    keys: [
      ...["prefix", "directory", "mongo.directory", "ingress.directory"],
      ...["rocketchat.dataDirectory", "mongo.dataDirectory", "uploads.directory"],
    ],
    problem: ensureDataApart,
  },
  {
    keys: [
      ...["prefix", "directory", "mongo.directory", "ingress.directory", "backup.repository"],
      ...["rocketchat.dataDirectory", "mongo.dataDirectory", "uploads.directory"],
    ],
    problem: ensureRepositoryApart,
  },
];

function ensureMongoDirectoryApart({ directory, mongo }: PlainSettings): Problem | undefined {
  if (mongo.mode === "existing") return undefined;
  return ensureApart("mongo.directory", mongo.directory, { directory });
}

function ensureIngressDirectoryApart({ directory, mongo, ingress }: PlainSettings): Problem | undefined {
  const [key, path] =
    ingress.mode === "managed"
      ? ["ingress.directory", ingress.directory]
      : ["ingress.dynamicDirectory", ingress.render === "file" ? ingress.dynamicDirectory : ""];
  if (path === "") return undefined;
  return ensureApart(key, path, {
    directory,
    ...(mongo.mode === "managed" ? { "mongo.directory": mongo.directory } : {}),
  });
}

/** The owner of such a directory is changed with all that is in it: so nothing of another user lies there. */
function ensureDataApart(settings: PlainSettings): Problem | undefined {
  const { directory, ingress, mongo, rocketchat, uploads } = settings;
  if (ensureMongoDirectoryApart(settings) ?? ensureIngressDirectoryApart(settings)) return undefined;
  const ownMongo = mongo.mode === "managed" ? mongo : undefined;
  const data = {
    "uploads.directory": uploads.directory,
    "rocketchat.dataDirectory": rocketchat.dataDirectory,
    ...(ownMongo && { "mongo.dataDirectory": ownMongo.dataDirectory }),
  };
  for (const [key, path] of Object.entries(data)) {
    const holder = Object.entries({
      directory,
      ...(ownMongo && { "mongo.directory": ownMongo.directory }),
    }).find(([, other]) => `${other}/`.startsWith(`${path}/`));
    if (holder !== undefined) {
      return {
        key,
        rule: `must be neither ${holder[0]} itself nor around it, ${holder[1]}`,
        value: got(path),
        fix: `change ${key} or ${holder[0]}`,
      };
    }
    const others = Object.entries(data).filter(([other]) => other !== key);
    const clash = ensureApart(key, path, {
      ...(ingress.mode === "managed" && { "ingress.directory": ingress.directory }),
      ...(ingress.mode === "existing" &&
        ingress.render === "file" &&
        ingress.dynamicDirectory !== "" && { "ingress.dynamicDirectory": ingress.dynamicDirectory }),
      "directory's secrets": `${directory}/secrets`,
      "directory's backup": `${directory}/backup`,
      "directory's .env": `${directory}/.env`,
      "directory's .env.new": `${directory}/.env.new`,
      "directory's adoption": `${directory}/adoption.json`,
      ...(ownMongo && { "mongo.directory's secrets": `${ownMongo.directory}/secrets` }),
      ...Object.fromEntries(others),
    });
    if (clash !== undefined) return clash;
  }
  return undefined;
}

/** A backup must not hold itself, nor go with what it is a backup of. */
function ensureRepositoryApart({ backup, ...settings }: PlainSettings): Problem | undefined {
  if (backup === undefined || kindOf(backup.repository) !== "path") return undefined;
  const { directory, ingress, mongo, rocketchat, uploads } = settings;
  return ensureApart("backup.repository", backup.repository, {
    directory,
    "uploads.directory": uploads.directory,
    "rocketchat.dataDirectory": rocketchat.dataDirectory,
    ...(mongo.mode === "managed" && {
      "mongo.directory": mongo.directory,
      "mongo.dataDirectory": mongo.dataDirectory,
    }),
    ...(ingress.mode === "managed" && { "ingress.directory": ingress.directory }),
  });
}

function ensureApart(key: string, path: string, others: Record<string, string>): Problem | undefined {
  const within = (inner: string, outer: string) => `${inner}/`.startsWith(`${outer}/`);
  const clash = Object.entries(others).find(([, other]) => within(path, other) || within(other, path));
  if (clash === undefined) return undefined;
  return {
    key,
    rule: `must be neither inside nor around ${clash[0]}, ${clash[1]}`,
    value: got(path),
    fix: `change ${key} or ${clash[0]}`,
  };
}
