import type { z } from "zod";
import { kindOf } from "./backup";
import { childrenOf, inner } from "./keys";
import { exampleOf } from "./leaf";
import { got, hidden, removeCommand, setCommand, type Problem } from "./problems";
import type { RawConfig, Reading } from "./read";
import { schema, secretRules, type Values } from "./schema";

/** One way of running a server: the keys that it needs, and those that mean nothing in it. A group stands for its keys. */
interface Mode {
  /** The choice as a setting, such as `mongo.mode existing`. */
  name: string;
  chosen: (values: Values) => boolean;
  required: string[];
  refused: string[];
}

/** What only the one who runs the server can say. */
const managedMongo = ["directory", "dataDirectory", "oplogSize", "cacheSize", "openFiles", "stopGrace"];
const managedIngress = [
  "version",
  "image",
  "directory",
  "bind",
  "bindIPv6",
  "httpPort",
  "connectionsPerAddress",
  "neighboursMayConnect",
  "acme",
];
const existingIngress = ["render", "network", "address", "entryPoints", "certResolver", "dynamicDirectory"];

const s3Secrets = ["backupS3AccessKeyId", "backupS3SecretAccessKey"];
const restSecrets = ["backupRestUser", "backupRestPassword"];
const backupSecrets = [...s3Secrets, ...restSecrets, "backupSftpKey"];
/** Of a server that may keep what it has, and has a certificate. */
const servedRepository = ["backup.appendOnly", "backup.caCertificate"];

export const modes: Mode[] = [
  {
    name: "mongo.mode managed",
    chosen: ({ mongo }) => mongo.mode === "managed",
    required: [],
    refused: ["mongo.network", "mongo.admin", "mongoAdminPassword"],
  },
  {
    name: "mongo.mode existing",
    chosen: ({ mongo }) => mongo.mode === "existing",
    required: ["mongo.network", "mongo.hostname", "mongoAdminPassword"],
    refused: [...managedMongo.map((key) => `mongo.${key}`), "resources.mongo"],
  },
  {
    name: "ingress.mode managed",
    chosen: ({ ingress }) => ingress.mode === "managed",
    required: ["ingress.version"],
    refused: existingIngress.map((key) => `ingress.${key}`),
  },
  {
    name: "ingress.mode existing",
    chosen: ({ ingress }) => ingress.mode === "existing",
    required: ["ingress.render", "ingress.network", "ingress.address"],
    refused: [...managedIngress.map((key) => `ingress.${key}`), "resources.traefik", "resources.testCa"],
  },
  {
    name: "ingress.render file",
    chosen: ({ ingress }) => ingress.mode === "existing" && ingress.render === "file",
    required: ["ingress.dynamicDirectory"],
    refused: [],
  },
  {
    name: "ingress.render labels",
    chosen: ({ ingress }) => ingress.mode === "existing" && ingress.render === "labels",
    required: [],
    refused: ["ingress.dynamicDirectory", "ingress.drain"],
  },
  {
    name: "jitsi.jwt",
    chosen: ({ jitsi }) => jitsi?.jwt !== undefined,
    required: ["jitsiApplicationSecret"],
    refused: [],
  },
  {
    name: "jitsi.jwt left out",
    chosen: ({ jitsi }) => jitsi?.jwt === undefined,
    required: [],
    refused: ["jitsiApplicationSecret"],
  },
  {
    name: "uploads.storage AmazonS3",
    chosen: ({ uploads }) => uploads.storage === "AmazonS3",
    required: ["uploads.s3.bucket", "uploads.s3.region"],
    refused: [],
  },
  {
    name: "backup.repository sftp",
    chosen: ({ backup }) => backup !== undefined && kindOf(backup.repository) === "sftp",
    required: ["backup.knownHosts", "backupSftpKey"],
    refused: [...servedRepository, ...s3Secrets, ...restSecrets],
  },
  {
    name: "backup.repository s3",
    chosen: ({ backup }) => backup !== undefined && kindOf(backup.repository) === "s3",
    required: s3Secrets,
    refused: ["backup.knownHosts", ...restSecrets, "backupSftpKey"],
  },
  {
    name: "backup.repository rest",
    chosen: ({ backup }) => backup !== undefined && kindOf(backup.repository) === "rest",
    required: restSecrets,
    refused: ["backup.knownHosts", ...s3Secrets, "backupSftpKey"],
  },
  {
    name: "backup.repository path",
    chosen: ({ backup }) => backup !== undefined && kindOf(backup.repository) === "path",
    required: [],
    refused: ["backup.knownHosts", ...servedRepository, ...backupSecrets],
  },
  { name: "backup none", chosen: ({ backup }) => backup === undefined, required: [], refused: backupSecrets },
];

/** The keys that are missing for the modes that are chosen, and those that are set and mean nothing in them. */
export function modeProblems({ values, given, readable }: Reading, { config }: RawConfig): Problem[] {
  const set = new Map<string, unknown>([
    ...given,
    ...Object.keys(secretRules).flatMap((key): [string, unknown][] =>
      Object.hasOwn(config, key) ? [[key, config[key]]] : [],
    ),
  ]);
  const chosen = modes.filter(({ name, chosen: is }) => readable([name.split(" ")[0]!]) && is(values));
  return chosen.flatMap(({ name, required, refused }) => [
    ...required.filter((key) => !set.has(key) && readable([key])).map((key) => missing(key, name)),
    ...refused
      .flatMap((key) => [...set.keys()].filter((other) => other === key || other.startsWith(`${key}.`)))
      .filter((key) => readable([key]))
      .map((key) => outOfPlace(key, name, set.get(key))),
  ]);
}

function missing(key: string, mode: string): Problem {
  const secret = Object.hasOwn(secretRules, key);
  return {
    key,
    rule: mode.endsWith("managed") ? "is required" : `is required with ${mode}`,
    value: got(undefined),
    fix: secret ? `pulumi config set --secret rocketchat:${key}` : setCommand(key, exampleAt(key)),
  };
}

function outOfPlace(key: string, mode: string, value: unknown): Problem {
  return {
    key,
    rule: `means nothing with ${mode}`,
    value: Object.hasOwn(secretRules, key) ? hidden(value) : got(value),
    fix: `${removeCommand(key)}, or change ${mode.split(" ")[0]}`,
  };
}

function exampleAt(key: string): string {
  const type = key.split(".").reduce<z.ZodType>((group, name) => {
    const child = childrenOf(inner(group) as z.ZodObject).find(([known]) => known === name);
    return child![1];
  }, schema);
  return exampleOf(type);
}
