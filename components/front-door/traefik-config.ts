import type { ByteSize } from "../../settings/units";
import { hold as holding } from "../../settings/request-time";
import { uploadLimit } from "./upload-limit";

/** What a route says of the Traefik that it is for. */
export interface Door {
  /** Entry points for HTTPS. */
  entryPoints: string[];
  /** Left out: Traefik has the certificate already. */
  certResolver?: string;
  /**
   * What is said of a Traefik of this project alone. Others say for themselves how many requests one address may have in flight,
   * and before 3.7 a file with the rest would not load, nor any other file beside it.
   */
  own?: { requestsPerAddress: number };
}

/** Our own Traefik, as `traefikFlags` sets it up. */
export function ownDoor(ipv6: boolean, requestsPerAddress: number): Door {
  return {
    entryPoints: ["websecure", ...(ipv6 ? ["websecure6"] : [])],
    certResolver: "acme",
    own: { requestsPerAddress },
  };
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
  const { own } = door;
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
        [name]: router(host, "headers", ...(own === undefined ? [] : ["requests", "whole"]), "hold"),
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
        ...named(
          name,
          own === undefined
            ? { hold }
            : {
                ...ownMiddlewares(own.requestsPerAddress),
                hold: { retry: { ...hold.retry, ...againIfRepeatable, maxRequestBodyBytes: wholeBytes } },
              },
        ),
      },
      services: { [name]: { loadBalancer } },
    },
  };
}

const hold = { retry: holding };

/** A server that ended with a request in its hands: methods that may be repeated are. */
const againIfRepeatable = { status: ["502"] };

/** Larger bodies go on as a stream, and so is a body of a thousand held requests no more than 32 MiB. */
const wholeBytes = 32 * 1024;

/**
 * `whole` reads a small body before it passes the request on: only then does Traefik notice, over HTTP/1.1, that a client gave up,
 * and deliver nothing for it. `retry` does so where it has a status to try again at; nothing answers 599.
 */
function ownMiddlewares(requestsPerAddress: number) {
  return {
    // By default it counts by host name.
    requests: {
      inFlightReq: { amount: requestsPerAddress, sourceCriterion: { ipStrategy: { depth: 0 } } },
    },
    whole: {
      retry: {
        attempts: 2,
        status: ["599"],
        maxRequestBodyBytes: wholeBytes,
        disableRetryOnNetworkError: true,
        retryNonIdempotentMethod: true,
      },
    },
  };
}

function named(route: string, middlewares: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(middlewares).map(([name, one]) => [`${route}-${name}`, one]));
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
