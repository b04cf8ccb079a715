import { lookup } from "node:dns/promises";
import { BlockList, connect, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { acmeDirectory, traefikName, traefikUser } from "../inventory/traefik";
import { commandFor } from "../settings/command";
import { isPublicAuthority, type ManagedIngress } from "../settings/ingress";
import type { Problem } from "../settings/problems";
import type { PlainSettings } from "../settings/schema";
import type { Check } from "./check";
import { throwAway } from "../engine/hardening";
import type { HostFacts } from "./host-facts";
import { ownTraefik } from "../settings/own-servers";

/** What this machine sees of a name and a port. */
export interface PublicView {
  /** Its addresses; none where there is no such name. */
  addressesOf(name: string): Promise<string[]>;
  /** The addresses of this machine itself. */
  own(): string[];
  /** What a connection meets: `refused` is a host that answers, on a port where nobody listens yet. */
  port(address: string, port: number): Promise<"open" | "refused" | "silent">;
}

/** Said by `npm run up -- --yes-dns` and `npm run ci:deploy -- --yes-dns`, or by whoever runs plain `pulumi up`. */
export const yesDns = "ROCKETCHAT_YES_DNS";

/**
 * Before Traefik's first order for a name at a public authority: a failed one is tried again at once, and the authority's hourly limit is
 * used up in seconds (5 failures for a name and hour at Let's Encrypt).
 */
export function publicName(view: PublicView): Check {
  return async (settings, host) => {
    const traefik = ownTraefik(settings);
    if (traefik === undefined || !isPublicAuthority(traefik.acme) || process.env[yesDns] === "1") return [];
    const known = (await wasOrdered(settings, traefik, host)) || (await isKept(settings, traefik, host));
    return known ? [] : await faults(settings, traefik, view);
  };
}

/** Traefik is gone, as `docker rm` and `npm run down` leave it, and finds its certificate for the name again: it orders none. */
async function isKept(
  settings: PlainSettings,
  traefik: ManagedIngress,
  { containers, docker, places }: HostFacts,
): Promise<boolean> {
  const { helperImage, hostname, stack } = settings;
  const acme = acmeDirectory(traefik);
  const isThere = containers.some((one) => one.name === traefikName(settings) && one.stack === stack);
  if (isThere || !places.get(acme)?.entries.includes("acme.json")) return false;
  const mount = `type=bind,source=${acme},target=/acme,readonly`;
  // Traefik's own uid, which alone may read it.
  const args = [
    ...throwAway,
    `--user=${traefikUser}`,
    "--network=none",
    "--memory=64m",
    "--pids-limit=16",
    `--mount=${mount}`,
    helperImage,
    "grep",
    "-qF",
    `"main": "${hostname}"`,
    "/acme/acme.json",
  ];
  return docker.run(...args).then(
    () => true,
    () => false,
  );
}

/** This stack's Traefik is there, bears the name on its network, and asks the same authority: it has made its orders. */
async function wasOrdered(
  settings: PlainSettings,
  { acme }: ManagedIngress,
  { containers, docker }: HostFacts,
): Promise<boolean> {
  const own = traefikName(settings);
  if (!containers.some((one) => one.name === own && one.stack === settings.stack)) return false;
  const format = "{{json .Args}}\t{{json .NetworkSettings.Networks}}";
  const found = await docker.run("container", "inspect", "--format", format, own).catch(() => undefined);
  if (found === undefined) return true; // it cannot be told, and it runs
  const [flags, networks] = found.split("\t").map((part) => JSON.parse(part) as unknown) as [
    string[] | null,
    Record<string, { Aliases: string[] | null }>,
  ];
  const names = Object.values(networks).flatMap(({ Aliases }) => Aliases ?? []);
  const server = `--certificatesresolvers.acme.acme.caserver=${acme.server}`;
  return names.includes(settings.hostname) && (flags ?? []).includes(server);
}

async function faults(
  { engine, hostname, stack }: PlainSettings,
  traefik: ManagedIngress,
  view: PublicView,
): Promise<Problem[]> {
  const without =
    `or go on without where this machine sees it wrongly: ${commandFor(stack, "up", "--yes-dns")}, ci:deploy as well (plain pulumi up: ROCKETCHAT_YES_DNS=1); ` +
    "a front door that gets no certificate gives no answer, and the deployment ends with that after 10 minutes";
  const addresses = await view.addressesOf(hostname);
  const problem = (rule: string, value: string, fix: string, advice = false): Problem => ({
    key: "hostname",
    rule,
    value: `got ${value}`,
    fix,
    advice,
  });
  if (addresses.length === 0) {
    const rule = `must lead to the engine's host before the first certificate is asked for at ${traefik.acme.server}`;
    return [
      problem(
        rule,
        `no address of ${hostname}`,
        `make its A record and wait until it is seen here, ${without}`,
      ),
    ];
  }
  const six = addresses.find(isIPv6);
  if (six !== undefined && traefik.bindIPv6 === undefined) {
    const rule = "must have no AAAA record where nothing is served over IPv6: authorities ask there first";
    return [problem(rule, six, `remove the record, or set ingress.bindIPv6, ${without}`)];
  }
  const hosts = engine.startsWith("ssh:") ? await view.addressesOf(new URL(engine).hostname) : view.own();
  if (!addresses.some((address) => hosts.includes(address)) && hosts.some(isPublic)) {
    const rule = `must lead to the engine's host (${hosts.filter(isPublic).join(", ")}) before the first certificate is asked for`;
    return [problem(rule, addresses.join(", "), `correct its records, ${without}`)];
  }
  const port = traefik.acme.challenge === "tls" ? traefik.httpsPort : traefik.httpPort;
  const met = await view.port(addresses[0]!, port);
  if (met === "silent") {
    const rule = `must be reached on port ${port}, which the authority calls`;
    return [
      problem(
        rule,
        `no answer of ${addresses[0]} in time`,
        `open the port in the provider's and the host's firewall, ${without}`,
      ),
    ];
  }
  if (hosts.some(isPublic)) return [];
  const rule =
    "is taken to lead to the engine's host, which has no public address of its own to compare with";
  return [problem(rule, addresses.join(", "), "see that they are forwarded there", true)];
}

const notPublic = new BlockList();
for (const [net, bits] of [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
  ] as const),
  ...([
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.168.0.0", 16],
  ] as const),
])
  notPublic.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  notPublic.addSubnet(net, bits, "ipv6");

function isPublic(address: string): boolean {
  return !notPublic.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

const waitMs = 4000;

export const fromHere: PublicView = {
  async addressesOf(name) {
    const answer = lookup(name, { all: true }).then(
      (found) => found.map(({ address }) => address),
      () => [],
    );
    return Promise.race([answer, later<string[]>([])]);
  },
  own: () =>
    Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).map(({ address }) => address),
    ),
  port: (host, port) =>
    new Promise((resolve) => {
      const socket = connect({ host, port });
      const end = (met: "open" | "refused" | "silent") => {
        socket.destroy();
        resolve(met);
      };
      socket.setTimeout(waitMs, () => end("silent"));
      socket.on("connect", () => end("open"));
      socket.on("error", (error: NodeJS.ErrnoException) =>
        end(error.code === "ECONNREFUSED" ? "refused" : "silent"),
      );
    }),
};

function later<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, waitMs, value).unref());
}
