import { got, type Problem } from "../problems";
import type { PlainSettings } from "../resolve";
import { engineNetworks, ownContainerNames } from "../own-names";
import { networksOf } from "../preflight/parts";
import { ByteSize } from "../units";
import type { CrossCheck } from "./check";

export const containerChecks: CrossCheck[] = [
  { keys: ["mongo.cacheSize", "resources.mongo.memory"], problem: ensureCacheFits },
  { keys: ["prefix", "mongo.hostname"], problem: ensureOwnContainerName },
  { keys: ["prefix", "mongo.network", "ingress.network"], problem: ensureTwoNetworks },
  { keys: ["prefix", "ingress.network"], problem: (settings) => ensureTheirNetwork("ingress", settings) },
  { keys: ["prefix", "mongo.network"], problem: (settings) => ensureTheirNetwork("mongo", settings) },
];

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
  const own = mongo.mode === "existing" ? [] : Object.values(ownContainerNames(prefix));
  if (mongo.hostname === "localhost") {
    return {
      key: "mongo.hostname",
      rule: "must be a name under which other containers find MongoDB",
      value: got(mongo.hostname),
      fix: `choose another, such as ${prefix}mongodb-shared`,
    };
  }
  if (!own.includes(mongo.hostname)) return undefined;
  return {
    key: "mongo.hostname",
    rule: "must not be the name of another container that this stack makes or removes",
    value: got(mongo.hostname),
    fix: `choose another, such as ${prefix}mongodb-shared`,
  };
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

/** What is borrowed is on a network that its owner made for that. */
function ensureTheirNetwork(group: "ingress" | "mongo", settings: PlainSettings): Problem | undefined {
  const of = settings[group];
  if (of.mode === "managed" || ensureTwoNetworks(settings) !== undefined) return undefined;
  const own = networksOf(settings).some(({ value }) => value === of.network);
  if (!own && !engineNetworks.includes(of.network)) return undefined;
  return {
    key: `${group}.network`,
    rule: own
      ? "must not be a network that this stack makes for itself"
      : "must be a network made for it, not one of Docker's own",
    value: got(of.network),
    fix: "make one and join the server to it: docker network create NAME, then docker network connect NAME CONTAINER",
  };
}
