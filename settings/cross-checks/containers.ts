import { got, type Problem } from "../problems";
import type { PlainSettings } from "../resolve";
import { ByteSize } from "../units";
import type { CrossCheck } from "./check";

export const containerChecks: CrossCheck[] = [
  { keys: ["mongo.cacheSize", "resources.mongo.memory"], problem: ensureCacheFits },
  { keys: ["prefix", "mongo.hostname"], problem: ensureOwnContainerName },
  { keys: ["prefix", "mongo.network", "ingress.network"], problem: ensureTwoNetworks },
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
