import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { z } from "zod";
import { directory, duration, image, oneOf, text, wholeNumber } from "./leaf";
import { isEmail } from "./rocketchat";
import { Duration } from "./units";

/** Traefik: the only one that publishes ports. */
export interface IngressSettings {
  /**
   * Who runs Traefik. `managed`: this stack.
   * @default "managed"
   */
  mode: "managed";

  /** Traefik's exact x.y.z, 3.6.6 or a later 3; required. Earlier ones cannot talk to Docker 29. */
  version: string;

  /** @default "traefik:v<version>" */
  image: string;

  /**
   * On the host: certificates and routes.
   * @default "/opt/<prefix>traefik"
   */
  directory: string;

  /**
   * The IP address of the host that it listens on.
   * @default "0.0.0.0"
   */
  bind: string;

  /**
   * An IPv6 address of the host that it listens on as well, `::` for all; goes with an IPv4 `bind` and the `tls` challenge.
   * Left out: nothing is served over IPv6, and the host name must have no AAAA record.
   */
  bindIPv6?: string;

  /**
   * Redirects to HTTPS.
   * @default 80
   */
  httpPort: number;

  /** @default 443 */
  httpsPort: number;

  /**
   * How long requests in flight may go on when Rocket.Chat is replaced; at most 5 minutes. WebSockets are cut
   * at its end and reconnect.
   * @default 10 seconds
   */
  drain: Duration;

  /** Where the certificate comes from. */
  acme: AcmeSettings;
}

export interface AcmeSettings {
  /**
   * The ACME directory's https URL, or `test-ca`: a CA that this stack runs itself, for names that exist on
   * one machine only.
   * @default "https://acme-v02.api.letsencrypt.org/directory"
   */
  server: string;

  /** The account's contact. Left out: none is given. */
  email?: string;

  /**
   * A PEM file on the machine that runs Pulumi, absolute or relative to the project, with the root that Traefik
   * trusts for `server`. Left out: the roots of Traefik's image.
   */
  caFile?: string;

  /**
   * How the name is proved: over port 443 (`tls`) or over port 80 (`http`).
   * @default "tls"
   */
  challenge: "tls" | "http";

  /**
   * Used with `test-ca` only.
   * @default "ghcr.io/letsencrypt/pebble:2.8.0"
   */
  testCaImage: string;
}

/** Where Traefik listens inside its container beside the ports that it publishes: for IPv6, and for its health. */
export const traefikOwnPorts = { http6: 60080, https6: 60443, ping: 61000 };

export const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

const acmeSchema = z.strictObject({
  server: text(LETS_ENCRYPT, "must be an https URL or test-ca", isAcmeServer).default(LETS_ENCRYPT),
  email: text("admin@example.org", "must be an e-mail address", isEmail).optional(),
  caFile: text("ca.pem", "must name a file with PEM certificates", holdsCertificates).optional(),
  challenge: oneOf("tls", "http").default("tls"),
  testCaImage: image("ghcr.io/letsencrypt/pebble:2.8.0").default("ghcr.io/letsencrypt/pebble:2.8.0"),
});

export const ingressSchema = z.strictObject({
  mode: oneOf("managed").default("managed"),
  version: text("3.7.15", "must be an exact version x.y.z of Traefik 3, 3.6.6 or later", isTraefik),
  image: image("traefik:v3.7.15").optional(),
  directory: directory("/opt/traefik").optional(),
  bind: text("0.0.0.0", "must be an IP address", (value) => isIP(value) !== 0).default("0.0.0.0"),
  bindIPv6: text("::", "must be an IPv6 address", (value) => isIP(value) === 6).optional(),
  httpPort: wholeNumber(80, 1, 65535).default(80),
  httpsPort: wholeNumber(443, 1, 65535).default(443),
  drain: duration("10 seconds", "0 seconds", "5 minutes").default(Duration.seconds(10)),
  acme: acmeSchema,
});

function isTraefik(version: string): boolean {
  const [, minor, patch] = /^3\.([0-9]+)\.([0-9]+)$/.exec(version) ?? [];
  return Number(minor) > 6 || (Number(minor) === 6 && Number(patch) >= 6);
}

function isAcmeServer(server: string): boolean {
  if (server === "test-ca") return true;
  if (!/^https:\/\/[^\s@]+$/.test(server)) return false;
  return URL.canParse(server);
}

function holdsCertificates(path: string): boolean {
  try {
    const blocks = readFileSync(path, "utf8").match(
      /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
    );
    return blocks !== null && blocks.every((block) => new X509Certificate(block).serialNumber !== "");
  } catch {
    return false;
  }
}
