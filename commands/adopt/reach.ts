import { namesOf } from "./container-facts";
import type { ContainerFacts } from "./facts";
import type { MongoUrl } from "./mongo-url";

/** mongod's own port: everything else about it was read there. */
const mongodPort = 27017;

/** Whether Rocket.Chat's MONGO_URL is known to lead to this container. A name of somebody's own DNS is not. */
export function leadsTo(chat: ContainerFacts, mongo: ContainerFacts, { host, port }: MongoUrl): boolean {
  if (namesOf(mongo).includes(host) || isLinked(chat, mongo, host)) return port === mongodPort;
  const given = chat.extraHosts[host];
  if (given !== undefined && namesOf(mongo).includes(given)) return port === mongodPort;

  const loopback = host === "localhost" || host.startsWith("127.") || host === "[::1]";
  const joined =
    chat.networkMode === `container:${mongo.id}` || chat.networkMode === `container:${mongo.name}`;
  if (loopback && joined) return port === mongodPort;
  const gateways = ["host-gateway", ...chat.networks.flatMap(({ gateway }) => gateway ?? [])];
  const isHost = chat.networkMode === "host" ? loopback : gateways.includes(given ?? host);
  return isHost && portsOnHost(mongo).includes(port);
}

/** Whether every link of Rocket.Chat's leads to its MongoDB, which it finds by another name from now on. */
export function linksLeadTo(chat: ContainerFacts, mongo: ContainerFacts): boolean {
  return chat.links.length > 0 && chat.links.every(({ target }) => isContainer(mongo, target));
}

function isLinked(chat: ContainerFacts, mongo: ContainerFacts, host: string): boolean {
  return chat.links.some(({ target, name }) => name === host && isContainer(mongo, target));
}

function isContainer(mongo: ContainerFacts, target: string): boolean {
  return target === mongo.name || (target.length >= 12 && mongo.id.startsWith(target));
}

function portsOnHost(mongo: ContainerFacts): number[] {
  if (mongo.networkMode === "host") return [mongodPort];
  return mongo.ports
    .filter(({ container }) => container === mongodPort)
    .map(({ host }) => Number(host.slice(host.lastIndexOf(":") + 1)));
}
