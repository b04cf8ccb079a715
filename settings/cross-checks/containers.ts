import { inventoryOf, namesBesideMongo } from "../../inventory";
import { mongoNetwork, standardMongoName } from "../../inventory/mongo";
import { frontNetwork } from "../../inventory/traefik";
import { got, type Problem } from "../problems";
import type { PlainSettings } from "../schema";
import { ByteSize } from "../units";
import type { CrossCheck } from "./check";

/** Networks that every engine has, or takes for a mode. A container on them sees the host, every other container, or nobody. */
const engineNetworks = ["bridge", "host", "none", "default"];

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

function ensureOwnContainerName(settings: PlainSettings): Problem | undefined {
  const { mongo } = settings;
  const own = mongo.mode === "existing" ? [] : namesBesideMongo(settings);
  if (mongo.hostname === "localhost") {
    return {
      key: "mongo.hostname",
      rule: "must be a name under which other containers find MongoDB",
      value: got(mongo.hostname),
      fix: `choose another, such as ${standardMongoName(settings)}`,
    };
  }
  if (!own.includes(mongo.hostname)) return undefined;
  return {
    key: "mongo.hostname",
    rule: "must not be the name of another container that this stack makes or removes",
    value: got(mongo.hostname),
    fix: `choose another, such as ${standardMongoName(settings)}`,
  };
}

/** MongoDB's network is no place for a front door, and a container joins a network once. */
function ensureTwoNetworks(settings: PlainSettings): Problem | undefined {
  const { ingress } = settings;
  const [data, edge] = [mongoNetwork(settings).name, frontNetwork(settings).name];
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
  const own = inventoryOf(settings).networks.some(({ name }) => name === of.network);
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
