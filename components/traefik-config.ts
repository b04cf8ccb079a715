import { traefikOwnPorts } from "../settings/ingress";
import type { ByteSize } from "../settings/units";
import { uploadLimit } from "./upload-limit";

export interface TraefikFlags {
  httpPort: number;
  httpsPort: number;
  /** Also over IPv6, on entry points of its own. */
  ipv6: boolean;
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

    ...entryPoints("web", args.httpPort, "websecure", args.httpsPort),
    ...(args.ipv6 ? entryPoints("web6", traefikOwnPorts.http6, "websecure6", traefikOwnPorts.https6) : []),
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

/** Plain HTTP, redirected to the port that users see, and HTTPS. */
function entryPoints(http: string, httpPort: number, https: string, httpsPort: number): string[] {
  return [
    `--entrypoints.${http}.address=:${httpPort}`,
    `--entrypoints.${http}.http.redirections.entrypoint.to=websecure`,
    `--entrypoints.${http}.http.redirections.entrypoint.scheme=https`,
    `--entrypoints.${http}.http.redirections.entrypoint.permanent=true`,

    `--entrypoints.${https}.address=:${httpsPort}`,
    // The limit is on a whole request, body included: the default of 60 s cuts large uploads on slow lines.
    `--entrypoints.${https}.transport.respondingtimeouts.readtimeout=2h`,
  ];
}

/** Mozilla's intermediate profile 6.0: TLS 1.2 and 1.3, six suites with forward secrecy. */
export function tlsFile() {
  return {
    tls: {
      options: {
        default: {
          minVersion: "VersionTLS12",
          cipherSuites: [
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          ],
          curvePreferences: ["X25519MLKEM768", "X25519", "CurveP256", "CurveP384"],
        },
      },
    },
  };
}

/** What a route says of the Traefik that it is for. */
export interface Door {
  /** Entry points for HTTPS. */
  entryPoints: string[];
  /** Left out: Traefik has the certificate already. */
  certResolver?: string;
}

/** Our own Traefik, as `traefikFlags` sets it up. */
export function ownDoor(ipv6: boolean): Door {
  return { entryPoints: ["websecure", ...(ipv6 ? ["websecure6"] : [])], certResolver: "acme" };
}

interface Destination {
  /** Name of the route's parts, unique on the Traefik. */
  name: string;
  hostname: string;
  port: number;
  maxUpload: ByteSize;
}

/**
 * One application's route. `hold` tries a request again while nothing listens: 240 attempts of half a second and more last
 * about three minutes, longer than a start takes. The service has no `healthCheck`: with one, Traefik would answer 503 at
 * once instead of holding.
 */
function routeTo(route: Destination, door: Door, loadBalancer: object) {
  const { name } = route;
  const host = `Host(\`${route.hostname}\`)`;
  const tooLarge = uploadLimit(route.maxUpload);
  const router = (rule: string, ...middlewares: string[]) => ({
    rule,
    entryPoints: door.entryPoints,
    middlewares: middlewares.map((middleware) => `${name}-${middleware}`),
    service: name,
    tls: door.certResolver === undefined ? {} : { certResolver: door.certResolver },
  });
  return {
    http: {
      routers: {
        [name]: router(host, "headers", "hold"),
        // Traefik tries the longer rule first.
        [`${name}-too-large`]: router(`${host} && ${tooLarge.rule}`, "headers", "limit"),
      },
      middlewares: {
        [`${name}-headers`]: {
          headers: {
            stsSeconds: 63072000,
            contentTypeNosniff: true,
            referrerPolicy: "strict-origin-when-cross-origin",
            customResponseHeaders: { "X-Powered-By": "", Server: "" },
          },
        },
        [`${name}-limit`]: tooLarge.middleware,
        [`${name}-hold`]: { retry: { attempts: 240, initialInterval: "500ms" } },
      },
      services: { [name]: { loadBalancer } },
    },
  };
}

/** The route as a file of the file provider. */
export function routeFile(route: Destination & { server: string }, door: Door) {
  return routeTo(route, door, { servers: [{ url: `http://${route.server}:${route.port}` }] });
}

/** The same route as labels of the server's container, for the Docker provider. */
export function routeLabels(route: Destination, door: Door, network: string): Record<string, string> {
  return {
    "traefik.enable": "true",
    "traefik.docker.network": network,
    ...flattened("traefik", routeTo(route, door, { server: { port: route.port } })),
  };
}

/** A tree as dotted keys: a list is its elements with commas between them, a group with nothing in it is `true`. */
function flattened(path: string, node: unknown): Record<string, string> {
  if (typeof node !== "object" || node === null) return { [path]: String(node) };
  if (Array.isArray(node)) return { [path]: node.join(",") };
  const entries = Object.entries(node);
  if (entries.length === 0) return { [path]: "true" };
  return Object.assign({}, ...entries.map(([key, value]) => flattened(`${path}.${key}`, value))) as Record<
    string,
    string
  >;
}
