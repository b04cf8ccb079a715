import type { ManagedIngress } from "../settings/ingress";
import type { PlainSettings } from "../settings/schema";
import { ownNetwork } from "./network";
import type { Directory, Kind, Network, Part, Port } from "./part";
import { testCaCertificate } from "./test-ca";

type Place = Pick<ManagedIngress, "directory">;

/** The uid that Traefik runs as; its image has no user of its own. */
export const traefikUid = 65532;
/** As Docker takes it. */
export const traefikUser = `${traefikUid}:${traefikUid}`;

export const traefikName = ({ prefix }: Pick<PlainSettings, "prefix">): string => `${prefix}traefik`;
export const acmeDirectory = ({ directory }: Place): string => `${directory}/acme`;
export const dynamicDirectory = ({ directory }: Place): string => `${directory}/dynamic`;

/** Where the front door reaches its applications. */
export function frontNetwork(settings: PlainSettings): Network {
  const { ingress } = settings;
  return ingress.mode === "managed"
    ? ownNetwork("edge", settings)
    : { role: "edge", name: ingress.network, key: "ingress.network", own: false };
}

export const traefik: Kind = {
  standardName: traefikName,
  partOf: (settings) => {
    const { ingress } = settings;
    const networks = [frontNetwork(settings)];
    if (ingress.mode === "managed") return { role: "traefik", networks, ...ownTraefik(settings, ingress) };
    const borrowed = ingress.render === "file" ? [borrowedDirectory(ingress.dynamicDirectory)] : [];
    return { role: "traefik", images: [], networks, directories: borrowed };
  },
};

function ownTraefik(settings: PlainSettings, ingress: ManagedIngress) {
  const [acme, dynamic] = [acmeDirectory(ingress), dynamicDirectory(ingress)];
  const trusted = trustedCa(ingress);
  return {
    images: [{ key: "ingress.image", name: ingress.image, mebibytes: 384 }],
    container: {
      name: traefikName(settings),
      key: "prefix",
      image: ingress.image,
      networks: [frontNetwork(settings).name],
      mounts: [
        { source: acme, target: "/acme", readOnly: false },
        { source: dynamic, target: "/dynamic", readOnly: true },
        ...(trusted === undefined ? [] : [{ source: trusted, target: caFileInside, readOnly: true }]),
      ],
      ports: portsOf(ingress),
    },
    directories: [
      { role: "acme", path: acme, holds: "data", made: true },
      { role: "dynamic", path: dynamic, holds: "configuration", made: true },
    ],
    home: {
      key: "ingress.directory",
      path: ingress.directory,
      proofIn: dynamic,
      // It is there before Traefik runs.
      proof: (file) => file === "tls.yml",
      proofText: `${dynamic}/tls.yml`,
      early: (file) => ["tls.yml.new", "ca.pem", "ca.pem.new"].includes(file),
      room: { path: acme, first: 16, later: 16, reason: "certificates and routes" },
    },
  } satisfies Partial<Part>;
}

const caFileInside = "/etc/traefik/acme-ca.pem";

/** The PEM that it trusts for its authority, where the roots of its image do not do. */
function trustedCa(ingress: ManagedIngress): string | undefined {
  if (ingress.acme.server === "test-ca") return testCaCertificate(ingress);
  return ingress.acme.caFile === undefined ? undefined : `${acmeDirectory(ingress)}/ca.pem`;
}

function portsOf({ bind, bindIPv6, httpPort, httpsPort }: ManagedIngress): Port[] {
  return [bind, ...(bindIPv6 === undefined ? [] : [bindIPv6])].flatMap((address) => [
    { key: "ingress.httpPort", address, port: httpPort },
    { key: "ingress.httpsPort", address, port: httpsPort },
  ]);
}

function borrowedDirectory(path: string): Directory {
  return { role: "dynamic", path, key: "ingress.dynamicDirectory", holds: "borrowed", made: false };
}
