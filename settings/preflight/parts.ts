import { join } from "node:path";
import type { PlainSettings } from "../resolve";

/** Something that this stack makes or uses, and the key that decides it. */
export interface Part<T> {
  key: string;
  value: T;
}

type Settings = PlainSettings;

/** Whether this stack runs its own MongoDB or Traefik. Where others run it, nothing about it is this stack's to check. */
export const runsMongo = ({ mongo }: Settings) => mongo.mode === "managed";
export const runsTraefik = ({ ingress }: Settings) => ingress.mode === "managed";
const runsTestCa = (settings: Settings) =>
  runsTraefik(settings) && settings.ingress.acme.server === "test-ca";

export function containersOf(settings: Settings): Part<string>[] {
  const { prefix } = settings;
  return [
    { key: "prefix", value: `${prefix}rocketchat` },
    ...(runsMongo(settings) ? [{ key: "mongo.hostname", value: settings.mongo.hostname }] : []),
    ...(runsTraefik(settings) ? [{ key: "prefix", value: `${prefix}traefik` }] : []),
    ...(runsTestCa(settings) ? [{ key: "prefix", value: `${prefix}test-ca` }] : []),
  ];
}

export function networksOf(settings: Settings): Part<string>[] {
  const { prefix } = settings;
  return [
    ...(runsTraefik(settings) ? [{ key: "prefix", value: `${prefix}edge` }] : []),
    ...(runsMongo(settings) ? [{ key: "prefix", value: `${prefix}data` }] : []),
  ];
}

export function imagesOf(settings: Settings): Part<string>[] {
  return [
    { key: "helperImage", value: settings.helperImage },
    { key: "rocketchat.image", value: settings.rocketchat.image },
    ...(runsMongo(settings) ? [{ key: "mongo.image", value: settings.mongo.image }] : []),
    ...(runsTraefik(settings) ? [{ key: "ingress.image", value: settings.ingress.image }] : []),
    ...(runsTestCa(settings)
      ? [{ key: "ingress.acme.testCaImage", value: settings.ingress.acme.testCaImage }]
      : []),
  ];
}

export function portsOf(settings: Settings): Part<number>[] {
  if (!runsTraefik(settings)) return [];
  return [
    { key: "ingress.httpPort", value: settings.ingress.httpPort },
    { key: "ingress.httpsPort", value: settings.ingress.httpsPort },
  ];
}

/** A directory of the settings: what lies in it, and what shows that this project made that. */
export interface Home {
  key: string;
  path: string;
  /** Absolute paths that hold data, or are it. */
  data: string[];
  /** A directory in which a file shows it. */
  proofIn: string;
  proof: (file: string) => boolean;
  /** The proof in words. */
  proofText: string;
  /** What may be in `data` before the proof is there: a first deployment may have been interrupted. */
  early: (file: string) => boolean;
}

/**
 * The order in which a deployment writes is what makes a proof: a secret's generation is there before MongoDB or Rocket.Chat
 * runs, and `tls.yml` before Traefik does.
 */
export function homesOf(settings: Settings): Home[] {
  const { directory, ingress, mongo } = settings;
  const generation = {
    proof: (file: string) => file.endsWith(".generation"),
    early: () => false,
  };
  return [
    {
      key: "directory",
      path: directory,
      data: ["uploads", "data", ".env"].map((name) => join(directory, name)),
      proofIn: join(directory, "secrets"),
      proofText: `${directory}/secrets/*.generation`,
      ...generation,
    },
    ...(runsMongo(settings)
      ? [
          {
            key: "mongo.directory",
            path: mongo.directory,
            data: [join(mongo.directory, "data")],
            proofIn: join(mongo.directory, "secrets"),
            proofText: `${mongo.directory}/secrets/*.generation`,
            ...generation,
          },
        ]
      : []),
    ...(runsTraefik(settings)
      ? [
          {
            key: "ingress.directory",
            path: ingress.directory,
            data: ["acme", "dynamic"].map((name) => join(ingress.directory, name)),
            proofIn: join(ingress.directory, "dynamic"),
            proof: (file: string) => file === "tls.yml",
            proofText: `${ingress.directory}/dynamic/tls.yml`,
            early: (file: string) => ["tls.yml.new", "ca.pem", "ca.pem.new"].includes(file),
          },
        ]
      : []),
  ];
}
