import { traefikOwnPorts } from "../../settings/ingress";
import type { ByteSize, Duration } from "../../settings/units";
import { type Doors, type InnerName, isHttps, publicDoors } from "./traefik-doors";

export interface TraefikFlags extends Doors {
  /** For a whole request, headers and body. */
  requestTime: Duration;
  challenge: "tls" | "http";
  /** ACME directory. */
  server: string;
  email: string | undefined;
  /** Where certificates are kept, inside the container. */
  storage: string;
  /** PEM that is trusted for `server`, inside the container. */
  caFile: string | undefined;
}

/** Traefik's static configuration, as flags. No API, no dashboard, no Docker socket, no access log (addresses hold tokens). */
export function traefikFlags(args: TraefikFlags): string[] {
  const acme = "--certificatesresolvers.acme.acme";
  return [
    "--global.checknewversion=false",
    "--global.sendanonymoususage=false",
    "--log.level=INFO",

    "--providers.file.directory=/dynamic",
    "--providers.file.watch=true",
    // Else its files are read after its first configuration, which has no TLS options yet, and shows a self-signed certificate.
    "--providers.providersthrottleduration=0s",

    ...publicDoors(args).flatMap(({ name, to, port }) => [
      `--entrypoints.${name}.address=:${port}`,
      // Until it is known what comes in; what passes it on (ownFile) has no limit of its own.
      `--entrypoints.${name}.transport.respondingtimeouts.readtimeout=10s`,
      ...innerFlags(to, traefikOwnPorts[to]),
      ...(isHttps(to) ? httpsFlags(to, args.requestTime) : httpFlags(to, args.httpsPort)),
    ]),
    // A server that is gone must be noticed soon, so that the request is tried again.
    "--serverstransport.forwardingtimeouts.dialtimeout=3s",

    `--entrypoints.ping.address=127.0.0.1:${traefikOwnPorts.ping}`,
    "--ping.entrypoint=ping",

    `${acme}.caserver=${args.server}`,
    ...(args.email === undefined ? [] : [`${acme}.email=${args.email}`]),
    ...(args.caFile === undefined ? [] : [`${acme}.cacertificates=${args.caFile}`]),
    `${acme}.storage=${args.storage}`,
    `${acme}.keytype=EC256`,
    args.challenge === "tls" ? `${acme}.tlschallenge=true` : `${acme}.httpchallenge.entrypoint=web`,
  ];
}

/** Only Traefik itself reaches it, and says whose connection it is. */
function innerFlags(name: InnerName, port: number): string[] {
  const loopback = "127.0.0.1";
  return [
    `--entrypoints.${name}.address=${loopback}:${port}`,
    `--entrypoints.${name}.proxyprotocol.trustedips=${loopback}`,
    // Twice what Rocket.Chat's server takes: HTTP/2 counts 32 bytes more for each header.
    `--entrypoints.${name}.http.maxheaderbytes=32768`,
    `--entrypoints.${name}.http2.maxconcurrentstreams=100`,
  ];
}

/** Plain HTTP, redirected to the port that users see. */
function httpFlags(name: InnerName, httpsPort: number): string[] {
  const redirection = `--entrypoints.${name}.http.redirections.entrypoint`;
  return [
    `${redirection}.to=:${httpsPort}`,
    `${redirection}.scheme=https`,
    `${redirection}.permanent=true`,
    `--entrypoints.${name}.transport.respondingtimeouts.readtimeout=10s`,
  ];
}

/** The limit is on a whole request, body included: the default of 60 s cuts large uploads on slow lines. */
function httpsFlags(name: InnerName, requestTime: Duration): string[] {
  return [`--entrypoints.${name}.transport.respondingtimeouts.readtimeout=${requestTime.toDocker()}`];
}

/** Where Go collects garbage harder: before the limit that the engine kills at. */
export function goMemoryLimit(memory: ByteSize): string {
  return `GOMEMLIMIT=${Math.floor(memory.toMebibytes() * 0.9)}MiB`;
}
