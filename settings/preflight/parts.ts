import { join } from "node:path";
import { kindOf } from "../backup";
import { ownContainerNames } from "../own-names";
import type { PlainSettings } from "../resolve";

/** Something that this stack makes or uses, and the key that decides it. */
export interface Part<T> {
  key: string;
  value: T;
}

type Settings = PlainSettings;

/** This stack's own MongoDB or Traefik. Where others run it, nothing about it is this stack's to check. */
export const ownMongo = ({ mongo }: Settings) => (mongo.mode === "managed" ? mongo : undefined);
export const ownTraefik = ({ ingress }: Settings) => (ingress.mode === "managed" ? ingress : undefined);

export function containersOf(settings: Settings): Part<string>[] {
  const names = ownContainerNames(settings.prefix);
  const [mongo, traefik] = [ownMongo(settings), ownTraefik(settings)];
  return [
    { key: "prefix", value: names.chat },
    ...(settings.backup ? [{ key: "prefix", value: names.backup }] : []),
    ...(mongo ? [{ key: "mongo.hostname", value: mongo.hostname }] : []),
    ...(traefik ? [{ key: "prefix", value: names.traefik }] : []),
    ...(traefik?.acme.server === "test-ca" ? [{ key: "prefix", value: names.testCa }] : []),
  ];
}

export function networksOf(settings: Settings): Part<string>[] {
  const { prefix } = settings;
  return [
    ...(ownTraefik(settings) ? [{ key: "prefix", value: `${prefix}edge` }] : []),
    ...(ownMongo(settings) ? [{ key: "prefix", value: `${prefix}data` }] : []),
    ...(settings.backup ? [{ key: "prefix", value: `${prefix}egress` }] : []),
  ];
}

export function imagesOf(settings: Settings): Part<string>[] {
  const traefik = ownTraefik(settings);
  return [
    { key: "helperImage", value: settings.helperImage },
    { key: "rocketchat.image", value: settings.rocketchat.image },
    { key: "mongo.image", value: settings.mongo.image },
    ...(traefik ? [{ key: "ingress.image", value: traefik.image }] : []),
    ...(traefik?.acme.server === "test-ca"
      ? [{ key: "ingress.acme.testCaImage", value: traefik.acme.testCaImage }]
      : []),
    ...(settings.backup ? [{ key: "backup.resticImage", value: settings.backup.resticImage }] : []),
    ...(settings.backup && kindOf(settings.backup.repository) === "sftp"
      ? [{ key: "backup.rcloneImage", value: settings.backup.rcloneImage }]
      : []),
  ];
}

export function portsOf(settings: Settings): (Part<number> & { address: string })[] {
  const traefik = ownTraefik(settings);
  if (traefik === undefined) return [];
  const { bind, bindIPv6, httpPort, httpsPort } = traefik;
  return [bind, ...(bindIPv6 === undefined ? [] : [bindIPv6])].flatMap((address) => [
    { key: "ingress.httpPort", value: httpPort, address },
    { key: "ingress.httpsPort", value: httpsPort, address },
  ]);
}

/** Where the workspace's backups keep what they know. */
export function homeOfBackups({ directory }: Settings): string {
  return join(directory, "backup");
}

/** Where a restore keeps how far it has come. It is there while one is at work or was interrupted. */
export function journalOfRestores(settings: Settings): string {
  return join(homeOfBackups(settings), "restore.json");
}

/** Where the host remembers this stack's directories for the next deployment: apart from all of them, where no setting moves it. */
export function noteOfPlaces(settings: Settings): string {
  return noteFile(settings, "");
}

/** Where it remembers which database Rocket.Chat ran on last. */
export function noteOfDatabase(settings: Settings): string {
  return noteFile(settings, ".database");
}

/** Root's, on the host. */
export const notesDirectory = "/var/lib/rocketchat-places";

function noteFile({ prefix, stack }: Settings, kind: string): string {
  return `${notesDirectory}/${stack}.${prefix}rocketchat${kind}.tsv`;
}

/** The last one to be removed is the last one here: as long as any data are left, the host knows where. */
export function notesOf(settings: Settings): string[] {
  return [noteOfDatabase(settings), noteOfPlaces(settings)];
}

/** A directory of the settings: what lies in it, and what shows that this project made that. */
export interface Home {
  key: string;
  path: string;
  /** Absolute paths that hold data, or are it; the first grows. */
  data: [string, ...string[]];
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
  const { directory, rocketchat, uploads } = settings;
  const [mongo, traefik] = [ownMongo(settings), ownTraefik(settings)];
  return [
    withSecrets("directory", directory, [
      uploads.directory,
      rocketchat.dataDirectory,
      join(directory, ".env"),
    ]),
    ...(mongo ? [withSecrets("mongo.directory", mongo.directory, [mongo.dataDirectory])] : []),
    ...(traefik ? [withRoutes("ingress.directory", traefik.directory)] : []),
  ];
}

function withSecrets(key: string, path: string, data: Home["data"]): Home {
  return {
    ...{ key, path, data },
    proofIn: join(path, "secrets"),
    proof: (file) => file.endsWith(".generation"),
    proofText: `${path}/secrets/*.generation`,
    early: () => false,
  };
}

function withRoutes(key: string, path: string): Home {
  return {
    ...{ key, path, data: [join(path, "acme"), join(path, "dynamic")] },
    proofIn: join(path, "dynamic"),
    proof: (file) => file === "tls.yml",
    proofText: `${path}/dynamic/tls.yml`,
    early: (file) => ["tls.yml.new", "ca.pem", "ca.pem.new"].includes(file),
  };
}
