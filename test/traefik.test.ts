import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { TraefikIngress } from "../components/front-door/traefik-ingress";
import { ownDoor, routeFile } from "../components/front-door/traefik-config";
import { goMemoryLimit, traefikFlags } from "../components/front-door/traefik-flags";
import { ownFile } from "../components/front-door/traefik-own-file";
import { Networks } from "../components/host/networks";
import { numberAbove } from "../components/front-door/upload-limit";
import { requestTime } from "../settings/request-time";
import { ByteSize, Duration } from "../settings/units";
import { anEngine, aResource, resources } from "./fixtures";
import { find, graphOf, plain } from "./graph";
import { waitsFor } from "./program";

const route = {
  name: "chat",
  hostname: "chat.example.org",
  server: "chat-1",
  port: 3000,
  maxUpload: ByteSize.mebibytes(1),
};

const flags = (over = {}) =>
  traefikFlags({
    httpPort: 80,
    httpsPort: 443,
    ipv6: false,
    requestTime: Duration.minutes(240),
    challenge: "tls",
    server: "https://acme.example.org/dir",
    email: undefined,
    storage: "/acme/acme.json",
    caFile: undefined,
    ...over,
  });

describe("Traefik's flags", () => {
  it("redirect to HTTPS, let a slow upload through, and open neither API nor dashboard nor the Docker socket", () => {
    expect(flags()).toContain("--entrypoints.web.http.redirections.entrypoint.to=:443");
    expect(flags()).toContain("--entrypoints.websecure.transport.respondingtimeouts.readtimeout=4h0m0s");
    expect(flags().join(" ")).not.toMatch(/--api|dashboard|providers\.docker|accesslog/);
  });

  it("have entry points of their own for IPv6, which redirect to the same port", () => {
    const given = flags({ ipv6: true });
    expect(given).toContain("--entrypoints.public-websecure6.address=:60443");
    expect(given).toContain("--entrypoints.websecure6.transport.respondingtimeouts.readtimeout=4h0m0s");
    expect(given).toContain("--entrypoints.web6.http.redirections.entrypoint.to=:443");
    expect(flags().join(" ")).not.toContain("6.address");
  });

  it("let in from outside only what passes connections on and counts them, and give it 10 s to say what it is", () => {
    const given = flags({ ipv6: true });
    const addresses = given.flatMap((flag) => {
      const [, name = "", address = ""] = /^--entrypoints\.([a-z0-9-]+)\.address=(.*)$/.exec(flag) ?? [];
      return name === "" ? [] : [[name, address] as const];
    });
    const open = addresses.filter(([, address]) => !address.startsWith("127.0.0.1:")).map(([name]) => name);
    const { tcp } = ownFile({ httpPort: 80, httpsPort: 443, ipv6: true }, 100);

    expect(open).toEqual(["public-web", "public-websecure", "public-web6", "public-websecure6"]);
    expect(new Set(addresses.map(([, address]) => address)).size).toBe(addresses.length);
    for (const name of open) {
      expect(given).toContain(`--entrypoints.${name}.transport.respondingtimeouts.readtimeout=10s`);
      const { service = "", middlewares } = tcp.routers[name] ?? {};
      expect(middlewares).toEqual(["per-address"]);
      const [{ address = "" } = {}] = tcp.services[service]?.loadBalancer.servers ?? [];
      expect(given).toContain(`--entrypoints.${service}.address=${address}`);
      expect(given).toContain(`--entrypoints.${service}.proxyprotocol.trustedips=127.0.0.1`);
      expect(given).toContain(`--entrypoints.${service}.http.maxheaderbytes=32768`);
    }
    expect(tcp.middlewares["per-address"]).toEqual({ inFlightConn: { amount: 100 } });
  });

  it.each([
    [1, 4],
    [100, 4],
    [109, 4],
    [110, 8],
    [1024, 64],
  ])("give a file of %i MiB the time that it takes at 64 kbit/s: %i hours", (mebibytes, hours) => {
    expect(requestTime(ByteSize.mebibytes(mebibytes)).toSeconds()).toBe(hours * 3600);
    expect(hours * 3600 * 8000).toBeGreaterThan(mebibytes * 2 ** 20);
  });

  it("come with a limit for Go below the container's own", () => {
    expect(goMemoryLimit(ByteSize.mebibytes(256))).toBe("GOMEMLIMIT=230MiB");
  });

  it("name the challenge, and the e-mail and the authority's root only where there is one", () => {
    expect(flags().join(" ")).toContain("acme.tlschallenge=true");
    expect(flags().join(" ")).not.toMatch(/httpchallenge|acme\.email|cacertificates/);
    const given = flags({ challenge: "http", email: "ops@example.org", caFile: "/ca.pem" }).join(" ");
    expect(given).toContain("acme.httpchallenge.entrypoint=web");
    expect(given).toContain("acme.email=ops@example.org");
    expect(given).toContain("acme.cacertificates=/ca.pem");
    expect(given).not.toContain("tlschallenge");
  });
});

describe("a route", () => {
  it("holds requests while its server starts; a health check would answer them with 503", () => {
    const file = routeFile(route, ownDoor(false, 50));

    expect(file.http.middlewares["chat-hold"]).toMatchObject({
      retry: { attempts: 240, initialInterval: "500ms", status: ["502"] },
    });
    expect(file.http.routers["chat"]).toMatchObject({
      middlewares: ["chat-headers", "chat-requests", "chat-whole", "chat-hold"],
    });
    expect(file.http.middlewares["chat-requests"]).toEqual({
      inFlightReq: { amount: 50, sourceCriterion: { ipStrategy: { depth: 0 } } },
    });
    expect(file.http.services["chat"]).toEqual({
      loadBalancer: { servers: [{ url: "http://chat-1:3000" }] },
    });
  });

  it("says nothing to somebody else's Traefik that one of before 3.7 would not load", () => {
    const { middlewares, routers } = routeFile(route, { entryPoints: ["websecure"] }).http;
    expect(middlewares["chat-hold"]).toEqual({ retry: { attempts: 240, initialInterval: "500ms" } });
    expect(routers["chat"]?.middlewares).toEqual(["chat-headers", "chat-hold"]);
    expect(Object.keys(middlewares).sort()).toEqual(["chat-headers", "chat-hold", "chat-limit"]);
  });

  it("refuses a file by the length that is announced, and keeps no other body", () => {
    const { middlewares, routers } = routeFile(route, ownDoor(true, 50)).http;

    const limit = 1024 ** 2 + 64 * 1024;
    expect(middlewares["chat-limit"]).toEqual({ buffering: { maxRequestBodyBytes: limit } });
    expect(routers["chat"]?.middlewares).toEqual([
      "chat-headers",
      "chat-requests",
      "chat-whole",
      "chat-hold",
    ]);
    expect(routers["chat-too-large"]).toMatchObject({
      middlewares: ["chat-headers", "chat-limit"],
      entryPoints: ["websecure", "websecure6"],
      service: "chat",
      tls: { certResolver: "acme" },
    });
    const { rule = "" } = routers["chat-too-large"] ?? {};
    expect(rule).toContain(
      "Host(`chat.example.org`) && HeaderRegexp(`Content-Type`, `(?i)^multipart/form-data`) && ",
    );
    const [, length = ""] = /Content-Length`, `(.*)`\)$/.exec(rule) ?? [];
    expect([limit, limit + 1, 5, 999_999, 10_000_000].map((n) => new RegExp(length).test(String(n)))).toEqual(
      [false, true, false, false, true],
    );
  });
});

it.each([1, 9, 10, 19, 99, 100, 109, 190, 999, 1000, 1114112, 104923136])(
  "finds every number above %i",
  (limit) => {
    const above = new RegExp(`^(${numberAbove(limit)})$`);
    const numbers = [
      ...Array.from({ length: 2500 }, (_, i) => i),
      ...[-1, 0, 1, 9, 10, 90, 1000].flatMap((d) => [limit + d, limit - d, limit * 10 + d]),
    ].filter((number) => number >= 0);
    expect(numbers.filter((n) => above.test(String(n)))).toEqual(numbers.filter((n) => n > limit));
  },
);

describe("TraefikIngress", () => {
  function ingress(over = {}): TraefikIngress {
    const engine = anEngine();
    return new TraefikIngress("traefik", {
      engine,
      image: engine.pull("traefik", "traefik:v3.7.15"),
      containerName: "traefik",
      hostnames: ["chat.example.org"],
      network: new Networks("networks", { engine, prefix: "" }).edge(),
      bind: "127.0.0.1",
      httpPort: 8080,
      httpsPort: 8443,
      connectionsPerAddress: 1000,
      maxUpload: ByteSize.mebibytes(100),
      drain: Duration.seconds(10),
      challenge: "tls",
      authority: {
        server: "https://acme.example.org/dir",
        email: undefined,
        caFile: undefined,
        storage: "acme.json",
        ready: [],
        keepRoot: () => undefined,
      },
      mounts: {
        acme: { hostPath: "/opt/traefik/acme", ready: aResource("acme") },
        dynamic: { hostPath: "/opt/traefik/dynamic", ready: aResource("dynamic") },
      },
      resources,
      ...over,
    });
  }

  it("publishes its two ports where it is told, is not root, and mounts no socket", async () => {
    const { inputs } = find(await graphOf(() => ingress()), "Container", "traefik");
    expect(inputs["envs"]).toEqual(["GOMEMLIMIT=460MiB"]);

    expect(inputs["ports"]).toEqual([
      { ip: "127.0.0.1", internal: 8080, external: 8080 },
      { ip: "127.0.0.1", internal: 8443, external: 8443 },
    ]);
    expect(inputs["user"]).toBe("65532:65532");
    expect(JSON.stringify(inputs["volumes"])).not.toContain("docker.sock");
    expect(inputs["networksAdvanced"]).toEqual([{ name: "edge", aliases: ["traefik", "chat.example.org"] }]);
  });

  it("serves IPv6 on the same ports of the host, by entry points of its own", async () => {
    const graph = await graphOf(() => {
      ingress({ bindIPv6: "::" }).publish("chat-route", route, { parent: aResource("chat"), after: [] });
    });

    expect(find(graph, "Container", "traefik").inputs["ports"]).toEqual([
      { ip: "127.0.0.1", internal: 8080, external: 8080 },
      { ip: "127.0.0.1", internal: 8443, external: 8443 },
      { ip: "::", internal: 60080, external: 8080 },
      { ip: "::", internal: 60443, external: 8443 },
    ]);
    const written = parse(String(plain(find(graph, "Command", "chat-route").inputs)["stdin"])) as {
      http: { routers: Record<string, { entryPoints: string[] }> };
    };
    expect(written.http.routers["chat"]?.entryPoints).toEqual(["websecure", "websecure6"]);
  });

  it("answers no name that it has no certificate for, and has its file before it starts", async () => {
    const graph = await graphOf(() => ingress());
    const { inputs } = find(graph, "Command", "traefik-tls");
    const written = parse(String(plain(inputs)["stdin"])) as { tls: { options: { default: object } } };

    expect(written.tls.options.default).toMatchObject({ sniStrict: true, minVersion: "VersionTLS12" });
    // Without it the file is read after Traefik's first configuration.
    const command: unknown = find(graph, "Container", "traefik").inputs["command"];
    expect(command).toContain("--providers.providersthrottleduration=0s");
    expect(waitsFor(find(graph, "Container", "traefik"))).toContain("traefik-tls");
  });

  it("writes a route as a file, and lets requests in flight end on the old server", async () => {
    const graph = await graphOf(() => {
      ingress().publish("chat-route", route, { parent: aResource("chat"), after: [] });
    });

    const { inputs, parent } = find(graph, "Command", "chat-route");
    expect(parent).toBe("chat");
    expect(inputs["environment"]).toMatchObject({
      FILE: "/opt/traefik/dynamic/chat.yml",
      PAUSE: "10",
      OWNER: "65532:65532",
    });
    const written = parse(String(plain(inputs)["stdin"])) as {
      http: { routers: Record<string, { rule: string }> };
    };
    expect(written.http.routers["chat"]?.rule).toBe("Host(`chat.example.org`)");
  });
});
