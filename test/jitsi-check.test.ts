import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkJitsi, type Finding, type Way } from "../commands/jitsi/check";

// A Jitsi server of the test's own, on loopback; its certificate is its own root.
const domain = "meet.example.org";
const server = { domain, ssl: true, meetings: `https://${domain}/acme-` };
const day = 86_400_000;

interface Pair {
  cert: string;
  private: string;
}

const pages: Record<string, string> = {
  "/external_api.js": "var JitsiMeetExternalAPI = 1",
  "/config.js": "var config = {}",
  "/acme-check": "<!doctype html><html></html>",
};
const running: http.Server[] = [];
let certificate: Pair;

function pair(name: string, days: number): Promise<Pair> {
  return generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 90 * day),
    notAfterDate: new Date(Date.now() + days * day + 60_000),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
  });
}

/** Starts a server and answers the way there. */
async function serve(tls: Pair | undefined, has: Record<string, string> = pages): Promise<Way> {
  const answer: http.RequestListener = ({ url = "", headers }, response) => {
    response.statusCode = headers.host === domain && url in has ? 200 : 404;
    response.end(has[url]);
  };
  const made =
    tls === undefined
      ? http.createServer(answer)
      : https.createServer({ cert: tls.cert, key: tls.private }, answer);
  running.push(made);
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  const { port } = made.address() as AddressInfo;
  return {
    resolve: () => Promise.resolve(["127.0.0.1"]),
    port,
    ...(tls === undefined ? {} : { ca: tls.cert }),
  };
}

const wrong = (findings: Finding[]) => findings.filter(({ fix }) => fix !== undefined);
const port = (way: Way) => String(way.port);

beforeAll(async () => {
  certificate = await pair(domain, 60);
});

afterAll(() => {
  for (const made of running) {
    made.closeAllConnections();
    made.close();
  }
});

describe("npm run jitsi:check", () => {
  it("tells of a good server what it saw", async () => {
    expect(await checkJitsi(server, await serve(certificate))).toEqual([
      { what: "name meet.example.org", said: "127.0.0.1" },
      { what: "certificate", said: "valid for 60 more days (meet.example.org)" },
      { what: "external_api.js, https://meet.example.org/external_api.js", said: "status 200" },
      { what: "config.js, https://meet.example.org/config.js", said: "status 200" },
      { what: "a meeting, https://meet.example.org/acme-check", said: "status 200" },
    ]);
  });

  it("asks a server without SSL for no certificate", async () => {
    const plain = { domain, ssl: false, meetings: `http://${domain}/acme-` };
    const findings = await checkJitsi(plain, await serve(undefined));
    expect(findings.map(({ what }) => what.split(",")[0])).toEqual([
      "name meet.example.org",
      "external_api.js",
      "config.js",
      "a meeting",
    ]);
    expect(wrong(findings)).toEqual([]);
  });

  it.each<[string, string, number, string, string]>([
    [
      "that has expired",
      domain,
      -3,
      `expired on ${new Date(Date.now() - 3 * day + 60_000).toISOString().slice(0, 10)} (meet.example.org)`,
      "renew it on the server of meet.example.org",
    ],
    [
      "that ends soon",
      domain,
      3,
      "valid for 3 more days (meet.example.org)",
      "see why it was not renewed on the server of meet.example.org",
    ],
    [
      "of another name",
      "www.example.org",
      60,
      "is for www.example.org, not for meet.example.org",
      "give the server a certificate for meet.example.org, or correct jitsi.domain",
    ],
  ])("finds a certificate %s", async (_, name, days, said, fix) => {
    const way = await serve(await pair(name, days));
    expect(wrong(await checkJitsi(server, way))).toEqual([{ what: "certificate", said, fix }]);
  });

  it("finds a certificate that nobody trusts", async () => {
    const way = await serve(certificate);
    delete way.ca;
    expect(wrong(await checkJitsi(server, way))).toEqual([
      {
        what: "certificate",
        said: "is not trusted: DEPTH_ZERO_SELF_SIGNED_CERT (meet.example.org)",
        fix: "give the server a certificate of a public CA, or all certificates between its own and the root",
      },
    ]);
  });

  it("finds a file that is missing, and one that is another page", async () => {
    const proxy = "see on the server that its web container runs, and that the proxy before it leads there";
    const without = Object.fromEntries(Object.entries(pages).filter(([path]) => path !== "/config.js"));
    expect(wrong(await checkJitsi(server, await serve(certificate, without)))).toEqual([
      { what: "config.js, https://meet.example.org/config.js", said: "status 404", fix: proxy },
    ]);
    const parked = await serve(certificate, { ...pages, "/acme-check": "parked" });
    expect(wrong(await checkJitsi(server, parked))).toEqual([
      {
        what: "a meeting, https://meet.example.org/acme-check",
        said: "status 200, but it is another page",
        fix: "open https://meet.example.org/acme-check in a browser, and see the server's own logs",
      },
    ]);
  });

  it("stops at a name that does not resolve, and at a resolver that does not answer", async () => {
    const failing = (code: string) => ({
      resolve: () => Promise.reject(Object.assign(new Error(), { code })),
    });
    expect(await checkJitsi(server, failing("ENOTFOUND"))).toEqual([
      {
        what: "name meet.example.org",
        said: "does not resolve",
        fix: "correct jitsi.domain, or give the name a DNS record",
      },
    ]);
    expect(await checkJitsi(server, failing("EAI_AGAIN"))).toEqual([
      {
        what: "name meet.example.org",
        said: "the resolver does not answer (EAI_AGAIN)",
        fix: "see that this machine's resolver answers, then run the command again",
      },
    ]);
  });

  it("stops at a port where nothing listens, and at one that speaks no TLS", async () => {
    const way = await serve(certificate);
    running.at(-1)!.close();
    expect((await checkJitsi(server, way)).slice(1)).toEqual([
      {
        what: "certificate",
        said: `127.0.0.1, port ${port(way)}: nothing listens there`,
        fix: "start the web server of meet.example.org, or correct the name's DNS record",
      },
    ]);
    const plain = await serve(undefined);
    expect(wrong(await checkJitsi(server, plain))[0]?.fix).toBe(
      "see that the port speaks TLS, or set jitsi.ssl to false for a server without",
    );
  });
});
