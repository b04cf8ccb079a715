import { traefikOwnPorts } from "../../settings/ingress";
import { type Doors, isHttps, type PublicDoor, publicDoors } from "./traefik-doors";

/** Mozilla's intermediate profile 6.0: TLS 1.2 and 1.3, six suites with forward secrecy. */
const tlsOptions = {
  // A name without a certificate gets no answer: browsers cannot pass a self-signed one where they know HSTS.
  sniStrict: true,
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
};

/**
 * What Traefik's own file says: TLS, and how connections come in.
 *
 * Only a TCP router can count connections, idle and half-sent ones included, and only one for each address. So the public
 * ports pass connections on as they are, TLS and all, to the entry points of the routes, with the PROXY protocol.
 */
export function ownFile(doors: Doors, connectionsPerAddress: number) {
  const all = publicDoors(doors);
  return {
    tls: { options: { default: tlsOptions } },
    tcp: {
      routers: named(all, ({ name, to }) => ({
        rule: "HostSNI(`*`)",
        entryPoints: [name],
        middlewares: ["per-address"],
        service: to,
        ...(isHttps(to) ? { tls: { passthrough: true } } : {}),
      })),
      middlewares: { "per-address": { inFlightConn: { amount: connectionsPerAddress } } },
      services: Object.fromEntries(
        all.map(({ to }) => [
          to,
          {
            loadBalancer: {
              serversTransport: "says-whose",
              servers: [{ address: `127.0.0.1:${traefikOwnPorts[to]}` }],
            },
          },
        ]),
      ),
      serversTransports: { "says-whose": { proxyProtocol: { version: 2 } } },
    },
  };
}

function named<T>(doors: PublicDoor[], part: (door: PublicDoor) => T): Record<string, T> {
  return Object.fromEntries(doors.map((door) => [door.name, part(door)]));
}
