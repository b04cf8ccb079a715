import { lookup as systemLookup } from "node:dns/promises";
import * as http from "node:http";
import * as https from "node:https";
import * as tls from "node:tls";

/** A Jitsi server as its users' browsers reach it. */
export interface JitsiServer {
  domain: string;
  ssl: boolean;
  /** What the address of every meeting starts with. */
  meetings: string;
}

/** How this machine gets there; tests have servers of their own. */
export interface Way {
  /** The addresses of a name. @throws an error with the resolver's code */
  resolve(name: string): Promise<string[]>;
  /** @default 443, or 80 without SSL */
  port?: number;
  /** PEM of the roots that are trusted. @default Node's */
  ca?: string;
}

export interface Finding {
  what: string;
  /** How it is; what is wrong with it when there is a fix. */
  said: string;
  fix?: string;
}

export const publicWay: Way = {
  resolve: async (name) => (await systemLookup(name, { all: true })).map(({ address }) => address),
};

const patience = 10_000;
/** Let's Encrypt's certificates are renewed 30 days before their end. */
const fewDays = 7;
const day = 86_400_000;

/** Looks at everything that a meeting needs before its video starts. What rests on something that is wrong is left out. */
export async function checkJitsi(server: JitsiServer, way: Way = publicWay): Promise<Finding[]> {
  const name = await resolves(server.domain, way);
  if (name.address === undefined) return [name.finding];

  const at: Target = {
    host: name.address,
    port: way.port ?? (server.ssl ? 443 : 80),
    server,
    ca: way.ca,
  };
  const findings = [name.finding];
  if (server.ssl) {
    const certificate = await certificateOf(at);
    findings.push(certificate.finding);
    if (!certificate.connected) return findings;
  }
  for (const page of pages(server)) {
    const found = await opens(at, page);
    findings.push(found.finding);
    if (!found.connected) break;
  }
  return findings;
}

interface Target {
  host: string;
  port: number;
  server: JitsiServer;
  ca: string | undefined;
}

async function resolves(domain: string, way: Way): Promise<{ finding: Finding; address?: string }> {
  const what = `name ${domain}`;
  try {
    const [address, ...more] = await way.resolve(domain);
    if (address !== undefined) return { finding: { what, said: [address, ...more].join(", ") }, address };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code !== "ENOTFOUND") {
      const fix = "see that this machine's resolver answers, then run the command again";
      return { finding: { what, said: `the resolver does not answer (${code})`, fix } };
    }
  }
  const fix = "correct jitsi.domain, or give the name a DNS record";
  return { finding: { what, said: "does not resolve", fix } };
}

async function certificateOf(at: Target): Promise<{ finding: Finding; connected: boolean }> {
  const what = "certificate";
  const { domain } = at.server;
  const seen = await handshake(at);
  if (typeof seen === "string") return { finding: { what, ...unreachable(at, seen) }, connected: false };

  const { certificate, fault } = seen;
  const until = new Date(certificate.valid_to);
  const days = Math.floor((until.getTime() - Date.now()) / day);
  const { O: organisation, CN: name } = certificate.issuer;
  const issuer = [organisation ?? name ?? "an unnamed issuer"].flat().join(", ");
  const found = (said: string, fix?: string) => ({
    finding: { what, said, ...(fix === undefined ? {} : { fix }) },
    connected: true,
  });

  if (days < 0)
    return found(`expired on ${dateOf(until)} (${issuer})`, `renew it on the server of ${domain}`);
  const wrongName = tls.checkServerIdentity(domain, certificate);
  if (wrongName !== undefined) {
    const names = certificate.subjectaltname?.replaceAll("DNS:", "") ?? "no name";
    return found(
      `is for ${names}, not for ${domain}`,
      `give the server a certificate for ${domain}, or correct jitsi.domain`,
    );
  }
  if (fault !== undefined) {
    const fix = `give the server a certificate of a public CA, or all certificates between its own and the root`;
    return found(`is not trusted: ${fault} (${issuer})`, fix);
  }
  const valid = `valid for ${days} more days (${issuer})`;
  return days < fewDays
    ? found(valid, `see why it was not renewed on the server of ${domain}`)
    : found(valid);
}

/** @returns why there was none, or the certificate and why it is not trusted, whatever its name and age. */
function handshake({
  host,
  port,
  server,
  ca,
}: Target): Promise<string | { certificate: tls.PeerCertificate; fault: string | undefined }> {
  return new Promise((resolve) => {
    const socket = tls.connect({
      host,
      port,
      servername: server.domain,
      rejectUnauthorized: false,
      ...(ca === undefined ? {} : { ca }),
      timeout: patience,
    });
    const end = (result: Parameters<typeof resolve>[0]) => {
      socket.destroy();
      resolve(result);
    };
    socket.on("timeout", () => end("ETIMEDOUT"));
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on("secureConnect", () => {
      const fault = socket.authorized ? undefined : String(socket.authorizationError);
      // A name that is not the certificate's is told in words of its own.
      end({
        certificate: socket.getPeerCertificate(),
        fault: fault?.startsWith("ERR_TLS_CERT_ALTNAME") ? undefined : fault,
      });
    });
  });
}

interface Page {
  what: string;
  url: URL;
  /** What the page must hold. */
  holds: RegExp;
  fix: string;
}

function pages({ domain, ssl, meetings }: JitsiServer): Page[] {
  const base = `${ssl ? "https" : "http"}://${domain}`;
  const proxy = `see on the server that its web container runs, and that the proxy before it leads there`;
  return [
    {
      what: "external_api.js",
      url: new URL("/external_api.js", base),
      holds: /JitsiMeetExternalAPI/,
      fix: proxy,
    },
    { what: "config.js", url: new URL("/config.js", base), holds: /\bconfig\b/, fix: proxy },
    {
      what: "a meeting",
      url: new URL(`${meetings}check`),
      holds: /<html/i,
      fix: `open ${meetings}check in a browser, and see the server's own logs`,
    },
  ];
}

async function opens(at: Target, page: Page): Promise<{ finding: Finding; connected: boolean }> {
  const what = `${page.what}, ${page.url.href}`;
  const answer = await get(at, page.url);
  if (typeof answer === "string") {
    return { finding: { what, ...unreachable(at, answer) }, connected: false };
  }
  const { status, location, body } = answer;
  if (status !== 200) {
    const where = location === undefined ? "" : `, to ${location}`;
    return { finding: { what, said: `status ${status}${where}`, fix: page.fix }, connected: true };
  }
  if (!page.holds.test(body)) {
    return { finding: { what, said: "status 200, but it is another page", fix: page.fix }, connected: true };
  }
  return { finding: { what, said: "status 200" }, connected: true };
}

/** The certificate has its own line, so nothing here insists on it. */
function get(
  { host, port, server }: Target,
  url: URL,
): Promise<string | { status: number; location: string | undefined; body: string }> {
  const options = {
    host,
    port,
    path: url.pathname,
    headers: { Host: server.domain },
    timeout: patience,
    agent: false,
  };
  return new Promise((resolve) => {
    const request = server.ssl
      ? https.get({ ...options, servername: server.domain, rejectUnauthorized: false })
      : http.get(options);
    request.on("timeout", () => request.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })));
    request.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body }),
      );
    });
  });
}

function unreachable({ host, port, server }: Target, code: string): { said: string; fix: string } {
  const where = `${host}, port ${port}`;
  switch (code) {
    case "ECONNREFUSED":
      return {
        said: `${where}: nothing listens there`,
        fix: `start the web server of ${server.domain}, or correct the name's DNS record`,
      };
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return {
        said: `${where}: no answer (${code})`,
        fix: `see that the firewall of ${server.domain} lets port ${port} in`,
      };
    default:
      return {
        said: `${where}: ${code}`,
        fix: server.ssl
          ? "see that the port speaks TLS, or set jitsi.ssl to false for a server without"
          : "see that the port speaks HTTP, or set jitsi.ssl to true",
      };
  }
}

function dateOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
