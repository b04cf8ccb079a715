import { traefikOwnPorts } from "../settings/ingress";

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

/**
 * One application's route. `hold` tries a request again while nothing listens: 240 attempts of half a second and more last
 * about three minutes, longer than a start takes. The service has no `healthCheck`: with one, Traefik would answer 503 at
 * once instead of holding.
 */
export function routeFile(route: {
  name: string;
  hostname: string;
  server: string;
  port: number;
  entryPoints: string[];
}) {
  const { name } = route;
  return {
    http: {
      routers: {
        [name]: {
          rule: `Host(\`${route.hostname}\`)`,
          entryPoints: route.entryPoints,
          middlewares: [`${name}-headers`, `${name}-hold`],
          service: name,
          tls: { certResolver: "acme" },
        },
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
        [`${name}-hold`]: { retry: { attempts: 240, initialInterval: "500ms" } },
      },
      services: {
        [name]: { loadBalancer: { servers: [{ url: `http://${route.server}:${route.port}` }] } },
      },
    },
  };
}
