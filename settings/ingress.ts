import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { z } from "zod";
import { knownOf } from "./known-releases";
import { directory, duration, flag, image, listOf, networkName, oneOf, text, wholeNumber } from "./leaf";
import { namedFile } from "./named-file";
import { isExactVersion, isHostname, isPort } from "./names";
import { isEmail } from "./rocketchat";
import { Duration } from "./units";

/** Traefik: the only one that publishes ports. */
export type IngressSettings = ManagedIngress | ExistingIngress;

interface AnyIngress {
  /**
   * Where users connect; unless it is 443 it is part of the address.
   * @default 443
   */
  httpsPort: number;
}

/** A Traefik that this stack runs. */
export interface ManagedIngress extends AnyIngress {
  mode: "managed";

  /** Traefik's exact x.y.z, 3.7.8 or a later 3; required. Earlier ones can panic while they hold a WebSocket. */
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

  /**
   * How long requests in flight may go on when Rocket.Chat is replaced; at most 5 minutes. WebSockets are cut
   * at its end and reconnect.
   * @default 10 seconds
   */
  drain: Duration;

  /**
   * Connections, and requests in flight, that one address may have at once; a WebSocket is one of each. Everybody behind one
   * router has one address, and so have all users of IPv6. From 10 to 100000.
   * @default 1000
   */
  connectionsPerAddress: number;

  /**
   * Known and accepted: before Docker 28 a `bind` of 127.0.0.1 is reached from the same network segment.
   * @default false
   */
  neighboursMayConnect: boolean;

  /** Where the certificate comes from. */
  acme: AcmeSettings;
}

/** A Traefik that another stack or a person runs on the same engine. */
export type ExistingIngress = FileIngress | LabelsIngress;

interface AnyExistingIngress extends AnyIngress {
  mode: "existing";

  /** The Docker network on which Traefik reaches its applications; required. */
  network: string;

  /** Traefik on that network, `name` or `name:port`; required. @default port: `httpsPort` */
  address: { name: string; port: number };

  /**
   * Traefik's entry points for HTTPS; a Traefik of this project that serves IPv6 has two, `websecure websecure6`.
   * @default "websecure"
   */
  entryPoints: string[];

  /** Traefik's resolver for the certificate. Left out: Traefik has a certificate for the host name already. */
  certResolver?: string;
}

/** The route is a file in Traefik's directory: requests are held during a restart. */
export interface FileIngress extends AnyExistingIngress {
  render: "file";

  /** On the host: the directory that Traefik's file provider watches; required with `file`. */
  dynamicDirectory: string;

  /** As in `managed`. */
  drain: Duration;
}

/** The route is labels on the container, for Traefik's Docker provider: requests get errors during a restart. */
export interface LabelsIngress extends AnyExistingIngress {
  render: "labels";
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

  /**
   * Further host names under which the test CA finds this Traefik: those of workspaces that borrow it. Public names have DNS.
   * Used with `test-ca` only.
   */
  testCaHostnames?: string[];
}

/**
 * Where Traefik listens inside its container beside the ports that it publishes: for IPv6, for its health, and, on its loopback
 * alone, for what its public ports pass on.
 */
export const traefikOwnPorts = {
  http6: 60080,
  https6: 60443,
  ping: 61000,
  web: 61001,
  websecure: 61002,
  web6: 61003,
  websecure6: 61004,
};

export const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

const acmeSchema = z.strictObject({
  server: text(LETS_ENCRYPT, "must be an https URL or test-ca", isAcmeServer).default(LETS_ENCRYPT),
  email: text("admin@example.org", "must be an e-mail address", isEmail).optional(),
  caFile: text("ca.pem", "must name a file with PEM certificates", holdsCertificates).optional(),
  challenge: oneOf("tls", "http").default("tls"),
  testCaImage: image("ghcr.io/letsencrypt/pebble:2.8.0").default("ghcr.io/letsencrypt/pebble:2.8.0"),
  testCaHostnames: listOf(
    "second.localhost",
    "must be lower-case dotted names with a blank between them",
    isHostname,
  ).optional(),
});

export const ingressSchema = z.strictObject({
  mode: oneOf("managed", "existing").default("managed"),
  render: oneOf("file", "labels").optional(),
  network: networkName("edge").optional(),
  address: text(
    "traefik",
    "must be a name on the network such as traefik or traefik:8443",
    (value) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}(:[0-9]{1,5})?$/.test(value) && isPort(portOf(value) ?? "1"),
  ).optional(),
  dynamicDirectory: directory("/opt/traefik/dynamic").optional(),
  entryPoints: listOf(
    "websecure",
    'must be names in Traefik with a blank between them: letters, digits, "_" and "-"',
    isTraefikName,
  ).default(["websecure"]),
  certResolver: traefikName("acme").optional(),
  version: text(
    "3.7.15",
    "must be an exact version x.y.z of Traefik 3, 3.7.8 or later",
    isTraefik,
  ).optional(),
  image: image("traefik:v3.7.15").optional(),
  directory: directory("/opt/traefik").optional(),
  bind: text("0.0.0.0", "must be an IP address", (value) => isIP(value) !== 0).default("0.0.0.0"),
  bindIPv6: text("::", "must be an IPv6 address", (value) => isIP(value) === 6).optional(),
  httpPort: wholeNumber(80, 1, 65535).default(80),
  httpsPort: wholeNumber(443, 1, 65535).default(443),
  drain: duration("10 seconds", "0 seconds", "5 minutes").default(Duration.seconds(10)),
  connectionsPerAddress: wholeNumber(1000, 10, 100_000).default(1000),
  neighboursMayConnect: flag(true).default(false),
  acme: acmeSchema,
});

function traefikName(example: string) {
  return text(example, 'must be a name in Traefik: letters, digits, "_" and "-"', isTraefikName);
}

function isTraefikName(value: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(value);
}

/** The port of `name:port`. */
export function portOf(address: string): string | undefined {
  return address.split(":")[1];
}

function isTraefik(version: string): boolean {
  return (
    isExactVersion(version) &&
    version.startsWith("3.") &&
    knownOf("traefik", version).every(({ verdict }) => verdict !== "refused")
  );
}

function isAcmeServer(server: string): boolean {
  if (server === "test-ca") return true;
  if (!/^https:\/\/[^\s@]+$/.test(server)) return false;
  return URL.canParse(server);
}

/** Authorities that the world trusts, and that limit how often a name may fail. Those of one's own are nobody's to check. */
const publicAuthorities = [
  "letsencrypt.org",
  "zerossl.com",
  "pki.goog",
  "ssl.com",
  "buypass.com",
  "actalis.com",
];

export function isPublicAuthority({ server }: AcmeSettings): boolean {
  if (server === "test-ca") return false;
  const { hostname } = new URL(server);
  return publicAuthorities.some((name) => hostname === name || hostname.endsWith(`.${name}`));
}

function holdsCertificates(path: string): boolean {
  try {
    // As many as all public authorities have.
    const blocks = namedFile(path, 1 << 20)?.match(
      /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
    );
    return !!blocks && blocks.every((block) => new X509Certificate(block).serialNumber !== "");
  } catch {
    return false;
  }
}
