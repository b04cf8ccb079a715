import { isIP } from "node:net";
import { kindOf } from "./backup";
import { ImageRef } from "./image";
import { traefikOwnPorts } from "./ingress";
import { isReserved } from "./names";
import { got, type Problem, removeCommand } from "./problems";
import type { PlainSettings } from "./resolve";
import { ByteSize } from "./units";

/** A rule about several keys. It is left out when one of them could not be read. */
export interface CrossCheck {
  keys: string[];
  problem: (settings: PlainSettings) => Problem | undefined;
}

/** Settings of Rocket.Chat that the way to meetings decides, where there is one; the keys that say so. */
const settingsOfMeetings = {
  Message_AllowUnrecognizedSlashCommand: "jitsi.triggers",
  VideoConf_Default_Provider: "jitsi.mode",
};

export const crossChecks: CrossCheck[] = [
  {
    keys: ["rocketchat.version", "rocketchat.bypassMongoValidation", "mongo.version"],
    problem: ensureSupportedMongo,
  },
  {
    keys: ["rocketchat.version", "rocketchat.image"],
    problem: ({ rocketchat }) =>
      ensureTagOfVersion("rocketchat", rocketchat, "", [
        "rocketchat/rocket.chat",
        "docker.io/rocketchat/rocket.chat",
        "registry.rocket.chat/rocketchat/rocket.chat",
      ]),
  },
  {
    keys: ["mongo.version", "mongo.image"],
    problem: ({ mongo }) =>
      ensureTagOfVersion("mongo", mongo, "", [
        "mongo",
        "library/mongo",
        "docker.io/mongo",
        "docker.io/library/mongo",
      ]),
  },
  {
    keys: ["ingress.version", "ingress.image"],
    problem: ({ ingress }) =>
      ingress.mode === "managed"
        ? ensureTagOfVersion("ingress", ingress, "v", [
            "traefik",
            "library/traefik",
            "docker.io/traefik",
            "docker.io/library/traefik",
          ])
        : undefined,
  },
  { keys: ["mongo.cacheSize", "resources.mongo.memory"], problem: ensureCacheFits },
  { keys: ["prefix", "mongo.hostname"], problem: ensureOwnContainerName },
  { keys: ["hostname", "ingress.acme.server"], problem: ensureCertificateCanBeHad },
  { keys: ["hostname", "ingress.acme.server"], problem: ensureTestCaStaysPrivate },
  { keys: ["ingress.acme.server", "ingress.acme.caFile"], problem: ensureOneRoot },
  { keys: ["ingress.httpPort", "ingress.httpsPort"], problem: ensureTwoPorts },
  { keys: ["ingress.httpPort"], problem: ensureFreeInTraefik("httpPort") },
  { keys: ["ingress.httpsPort"], problem: ensureFreeInTraefik("httpsPort") },
  { keys: ["ingress.bind", "ingress.bindIPv6"], problem: ensureIPv6BesideIPv4 },
  { keys: ["ingress.bindIPv6", "ingress.acme.challenge"], problem: ensureChallengeOverIPv6 },
  {
    keys: ["ingress.acme.server", "ingress.acme.challenge", "ingress.httpPort", "ingress.httpsPort"],
    problem: ensureChallengePort,
  },
  { keys: ["prefix", "directory", "mongo.directory"], problem: ensureMongoDirectoryApart },
  {
    keys: ["prefix", "directory", "mongo.directory", "ingress.directory"],
    problem: ensureIngressDirectoryApart,
  },
  { keys: ["prefix", "mongo.network", "ingress.network"], problem: ensureTwoNetworks },
  { keys: ["ingress.acme.server", "ingress.acme.testCaHostnames"], problem: ensureTestCaWithNames },
  {
    keys: [
      ...["prefix", "directory", "mongo.directory", "ingress.directory"],
      ...["rocketchat.dataDirectory", "mongo.dataDirectory", "uploads.directory"],
    ],
    problem: ensureDataApart,
  },
  { keys: ["jitsi.mode", "jitsi.jwt"], problem: ensureTokensByApp },
  ...Object.entries(settingsOfMeetings).map(([id, owner]) => ({
    keys: ["jitsi", `workspace.settings.${id}`],
    problem: ensureDecidedOnce(id, owner),
  })),
  {
    keys: [
      ...["prefix", "directory", "mongo.directory", "ingress.directory", "backup.repository"],
      ...["rocketchat.dataDirectory", "mongo.dataDirectory", "uploads.directory"],
    ],
    problem: ensureRepositoryApart,
  },
];

/**
 * Rocket.Chat's support table: for 7.x and from 8.2 on the `compatibleMongoVersions` that each release
 * publishes (8.2 and later: 8.0 only, RocketChat/Rocket.Chat#38596). For 8.0 and 8.1, which list a rapid
 * release only, what their start-up check accepts, 7.0 and newer.
 */
export function supportedMongo(rocketchat: string): string[] {
  const [major = 0, minor = 0] = rocketchat.split(".").map(Number);
  if (major === 7) return ["5.0", "6.0", "7.0", "8.0"];
  return major === 8 && minor < 2 ? ["7.0", "8.0", "8.2"] : ["8.0"];
}

function ensureSupportedMongo({ rocketchat, mongo }: PlainSettings): Problem | undefined {
  const supported = supportedMongo(rocketchat.version);
  const series = mongo.version.split(".").slice(0, 2).join(".");
  if (rocketchat.bypassMongoValidation || supported.includes(series)) return undefined;
  return {
    key: "mongo.version",
    rule: `must be MongoDB ${oneOf(supported)} for Rocket.Chat ${rocketchat.version}`,
    value: got(mongo.version),
    fix: "change mongo.version or rocketchat.version",
  };
}

function ensureTagOfVersion(
  group: string,
  { image, version }: { image: string; version: string },
  letter: string,
  official: string[],
): Problem | undefined {
  const { repository, tag } = ImageRef.parse(image);
  const exact = letter + version;
  const variant = tag.startsWith(`${exact}-`) && !tag.startsWith(`${exact}-rc`);
  if (!official.includes(repository) || tag === exact || variant) return undefined;
  return {
    key: `${group}.image`,
    rule: `must carry the tag of ${group}.version, ${exact}`,
    value: got(image),
    fix: `change ${group}.version or remove ${group}.image`,
  };
}

function ensureCacheFits({ mongo, resources }: PlainSettings): Problem | undefined {
  if (mongo.mode === "existing") return undefined;
  const beside = ByteSize.mebibytes(256);
  const memory = resources.mongo.memory;
  if (mongo.cacheSize.toBytes() + beside.toBytes() <= memory.toBytes()) return undefined;
  return {
    key: "mongo.cacheSize",
    rule: `must leave at least ${beside.toString()} of the container's memory`,
    value: `got ${mongo.cacheSize.toString()} of ${memory.toString()}`,
    fix: "lower mongo.cacheSize or raise resources.mongo.memory",
  };
}

function ensureOwnContainerName({ prefix, mongo }: PlainSettings): Problem | undefined {
  if (mongo.mode === "existing") return undefined;
  const taken = ["rocketchat", "traefik", "test-ca"].map((name) => prefix + name);
  if (!taken.includes(mongo.hostname)) return undefined;
  return {
    key: "mongo.hostname",
    rule: "must not be the name of another container of this stack",
    value: got(mongo.hostname),
    fix: `choose another, such as ${prefix}mongodb-shared`,
  };
}

function ensureCertificateCanBeHad({ hostname, ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing" || !isLetsEncrypt(ingress.acme.server) || !isReserved(hostname))
    return undefined;
  return {
    key: "hostname",
    rule: "must be a public name, since Let's Encrypt gives no certificate for a reserved one",
    value: got(hostname),
    fix: "change hostname, or set ingress.acme.server to test-ca or to a CA of your own",
  };
}

function ensureTestCaStaysPrivate({ hostname, ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing" || ingress.acme.server !== "test-ca" || isReserved(hostname))
    return undefined;
  return {
    key: "ingress.acme.server",
    rule: `must not be test-ca for the public name ${hostname}, whose users would not trust it`,
    value: got("test-ca"),
    fix: "remove ingress.acme.server, or use a name such as chat.localhost",
  };
}

function ensureOneRoot({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing") return undefined;
  const { server, caFile } = ingress.acme;
  if (server !== "test-ca" || caFile === undefined) return undefined;
  return {
    key: "ingress.acme.caFile",
    rule: "must not be set with test-ca, which brings its own root",
    value: got(caFile),
    fix: "remove ingress.acme.caFile or change ingress.acme.server",
  };
}

function ensureTwoPorts({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing" || ingress.httpPort !== ingress.httpsPort) return undefined;
  return {
    key: "ingress.httpPort",
    rule: "must differ from ingress.httpsPort",
    value: `got ${ingress.httpPort} for both`,
    fix: "change one of them",
  };
}

/** Traefik listens inside its container on the ports that it publishes, and on these. */
function ensureFreeInTraefik(name: "httpPort" | "httpsPort") {
  return ({ ingress }: PlainSettings): Problem | undefined => {
    const own = Object.values(traefikOwnPorts);
    if (ingress.mode === "existing" || !own.includes(ingress[name])) return undefined;
    return {
      key: `ingress.${name}`,
      rule: `must not be ${oneOf(own.map(String))}, which Traefik uses inside its container`,
      value: got(ingress[name]),
      fix: `change ingress.${name}`,
    };
  };
}

function ensureIPv6BesideIPv4({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing") return undefined;
  if (ingress.bindIPv6 === undefined || isIP(ingress.bind) === 4) return undefined;
  return {
    key: "ingress.bind",
    rule: "must be an IPv4 address when ingress.bindIPv6 is set",
    value: got(ingress.bind),
    fix: "change ingress.bind or remove ingress.bindIPv6",
  };
}

/** Traefik answers the `http` challenge on one entry point, and IPv6 has one of its own. */
function ensureChallengeOverIPv6({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing") return undefined;
  if (ingress.bindIPv6 === undefined || ingress.acme.challenge === "tls") return undefined;
  return {
    key: "ingress.acme.challenge",
    rule: "must be tls when ingress.bindIPv6 is set",
    value: got(ingress.acme.challenge),
    fix: "change ingress.acme.challenge or remove ingress.bindIPv6",
  };
}

function ensureChallengePort({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing") return undefined;
  const { challenge, server } = ingress.acme;
  const [name, port, wanted] =
    challenge === "tls"
      ? (["httpsPort", ingress.httpsPort, 443] as const)
      : (["httpPort", ingress.httpPort, 80] as const);
  if (!isLetsEncrypt(server) || port === wanted) return undefined;
  return {
    key: `ingress.${name}`,
    rule: `must be ${wanted}, the port that Let's Encrypt's ${challenge} challenge calls`,
    value: got(port),
    fix: `set ingress.${name} to ${wanted} or change ingress.acme.challenge`,
  };
}

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

/** MongoDB's network is no place for a front door, and a container joins a network once. */
function ensureTwoNetworks({ prefix, mongo, ingress }: PlainSettings): Problem | undefined {
  const data = mongo.mode === "existing" ? mongo.network : `${prefix}data`;
  const edge = ingress.mode === "existing" ? ingress.network : `${prefix}edge`;
  if (data !== edge) return undefined;
  const [key, other] =
    ingress.mode === "existing" ? ["ingress.network", "mongo.network"] : ["mongo.network", "ingress"];
  return {
    key,
    rule: `must not be the network of ${other === "ingress" ? "this stack's Traefik" : "MongoDB"} too`,
    value: got(edge),
    fix: "give them one each: docker network create NAME, then docker network connect NAME CONTAINER",
  };
}

function ensureTestCaWithNames({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing" || ingress.acme.server === "test-ca") return undefined;
  if (ingress.acme.testCaHostnames === undefined) return undefined;
  return {
    key: "ingress.acme.testCaHostnames",
    rule: "is used with ingress.acme.server test-ca only; other authorities ask the public DNS",
    value: got(ingress.acme.testCaHostnames.join(" ")),
    fix: "remove ingress.acme.testCaHostnames",
  };
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
      "directory's secrets": `${directory}/secrets`,
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

function isLetsEncrypt(server: string): boolean {
  if (server === "test-ca") return false;
  const { hostname } = new URL(server);
  return hostname === "letsencrypt.org" || hostname.endsWith(".letsencrypt.org");
}

function oneOf(words: string[]): string {
  return words.length === 1 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function ensureTokensByApp({ jitsi }: PlainSettings): Problem | undefined {
  if (jitsi?.jwt === undefined || jitsi.mode === "app") return undefined;
  return {
    key: "jitsi.mode",
    rule: "must be app with jitsi.jwt, since only the app signs tokens and a plain link carries none",
    value: got(jitsi.mode),
    fix: "set jitsi.mode to app, or remove jitsi.jwt",
  };
}

function ensureDecidedOnce(id: string, owner: string) {
  return ({ jitsi, workspace }: PlainSettings): Problem | undefined => {
    const value = workspace.settings?.[id];
    if (jitsi === undefined || value === undefined) return undefined;
    const key = `workspace.settings.${id}`;
    return {
      key,
      rule: `is decided by ${owner} while there is jitsi`,
      value: got(value),
      fix: removeCommand(key),
    };
  };
}
