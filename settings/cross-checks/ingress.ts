import { isIP } from "node:net";
import { traefikOwnPorts } from "../ingress";
import { isReserved } from "../names";
import { got, type Problem } from "../problems";
import type { PlainSettings } from "../schema";
import { type CrossCheck, oneOf } from "./check";

export const ingressChecks: CrossCheck[] = [
  { keys: ["hostname", "ingress.acme.server"], problem: ensureCertificateCanBeHad },
  { keys: ["hostname", "ingress.acme.server"], problem: ensureTestCaStaysPrivate },
  { keys: ["ingress.acme.server", "ingress.acme.caFile"], problem: ensureOneRoot },
  { keys: ["ingress.httpPort", "ingress.httpsPort"], problem: ensureTwoPorts },
  { keys: ["ingress.httpPort"], problem: ensureFreeInTraefik("httpPort") },
  { keys: ["ingress.httpsPort"], problem: ensureFreeInTraefik("httpsPort") },
  { keys: ["ingress.bind", "ingress.bindIPv6"], problem: ensureIPv6BesideIPv4 },
  { keys: ["ingress.bindIPv6", "ingress.acme.challenge"], problem: ensureChallengeOverIPv6 },
  {
    keys: ["ingress.acme.server", "ingress.acme.challenge", "ingress.httpPort", "ingress.httpsPort"],
    problem: ensureChallengePort,
  },
  { keys: ["ingress.acme.server", "ingress.acme.testCaHostnames"], problem: ensureTestCaWithNames },
];

function ensureCertificateCanBeHad({ hostname, ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing" || !isLetsEncrypt(ingress.acme.server) || !isReserved(hostname))
    return undefined;
  return {
    key: "hostname",
    rule: "must be a public name, since Let's Encrypt gives no certificate for a reserved one",
    value: got(hostname),
    fix: "change hostname, or set ingress.acme.server to test-ca or to a CA of your own",
  };
}

function ensureTestCaStaysPrivate({ hostname, ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing" || ingress.acme.server !== "test-ca" || isReserved(hostname))
    return undefined;
  return {
    key: "ingress.acme.server",
    rule: `must not be test-ca for the public name ${hostname}, whose users would not trust it`,
    value: got("test-ca"),
    fix: "remove ingress.acme.server, or use a name such as chat.localhost",
  };
}

function ensureOneRoot({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing") return undefined;
  const { server, caFile } = ingress.acme;
  if (server !== "test-ca" || caFile === undefined) return undefined;
  return {
    key: "ingress.acme.caFile",
    rule: "must not be set with test-ca, which brings its own root",
    value: got(caFile),
    fix: "remove ingress.acme.caFile or change ingress.acme.server",
  };
}

function ensureTwoPorts({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing" || ingress.httpPort !== ingress.httpsPort) return undefined;
  return {
    key: "ingress.httpPort",
    rule: "must differ from ingress.httpsPort",
    value: `got ${ingress.httpPort} for both`,
    fix: "change one of them",
  };
}

/** Traefik listens inside its container on the ports that it publishes, and on these. */
function ensureFreeInTraefik(name: "httpPort" | "httpsPort") {
  return ({ ingress }: PlainSettings): Problem | undefined => {
    const own = Object.values(traefikOwnPorts);
    if (ingress.mode === "existing" || !own.includes(ingress[name])) return undefined;
    return {
      key: `ingress.${name}`,
      rule: `must not be ${oneOf(own.map(String))}, which Traefik uses inside its container`,
      value: got(ingress[name]),
      fix: `change ingress.${name}`,
    };
  };
}

function ensureIPv6BesideIPv4({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing") return undefined;
  if (ingress.bindIPv6 === undefined || isIP(ingress.bind) === 4) return undefined;
  return {
    key: "ingress.bind",
    rule: "must be an IPv4 address when ingress.bindIPv6 is set",
    value: got(ingress.bind),
    fix: "change ingress.bind or remove ingress.bindIPv6",
  };
}

/** Traefik answers the `http` challenge on one entry point, and IPv6 has one of its own. */
function ensureChallengeOverIPv6({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing") return undefined;
  if (ingress.bindIPv6 === undefined || ingress.acme.challenge === "tls") return undefined;
  return {
    key: "ingress.acme.challenge",
    rule: "must be tls when ingress.bindIPv6 is set",
    value: got(ingress.acme.challenge),
    fix: "change ingress.acme.challenge or remove ingress.bindIPv6",
  };
}

function ensureChallengePort({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing") return undefined;
  const { challenge, server } = ingress.acme;
  const [name, port, wanted] =
    challenge === "tls"
      ? (["httpsPort", ingress.httpsPort, 443] as const)
      : (["httpPort", ingress.httpPort, 80] as const);
  if (!isLetsEncrypt(server) || port === wanted) return undefined;
  return {
    key: `ingress.${name}`,
    rule: `must be ${wanted}, the port that Let's Encrypt's ${challenge} challenge calls`,
    value: got(port),
    fix: `set ingress.${name} to ${wanted} or change ingress.acme.challenge`,
  };
}

function ensureTestCaWithNames({ ingress }: PlainSettings): Problem | undefined {
  if (ingress.mode === "existing" || ingress.acme.server === "test-ca") return undefined;
  if (ingress.acme.testCaHostnames === undefined) return undefined;
  return {
    key: "ingress.acme.testCaHostnames",
    rule: "is used with ingress.acme.server test-ca only; other authorities ask the public DNS",
    value: got(ingress.acme.testCaHostnames.join(" ")),
    fix: "remove ingress.acme.testCaHostnames",
  };
}

function isLetsEncrypt(server: string): boolean {
  if (server === "test-ca") return false;
  const { hostname } = new URL(server);
  return hostname === "letsencrypt.org" || hostname.endsWith(".letsencrypt.org");
}
