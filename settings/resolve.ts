import { standardMongoData, standardMongoName } from "../inventory/mongo";
import { standardData, standardUploads } from "../inventory/rocketchat";
import type { BackupSettings } from "./backup";
import { type ExistingIngress, type IngressSettings, type ManagedIngress, portOf } from "./ingress";
import type { JitsiSettings } from "./jitsi";
import type { MongoSettings } from "./mongo";
import type { Values, PlainSettings } from "./schema";
import { knownSetting } from "./workspace/known-settings";
import { resolveObjects } from "./workspace/objects";
import type { SettingValue } from "./workspace/other-settings";
import { settingValue } from "./workspace/setting-value";

/**
 * Fills in the defaults that depend on other keys. Keys that their mode requires are there; where one is missing that has been
 * reported, and an empty text stands for it.
 */
export function resolve(stack: string, values: Values): PlainSettings {
  const { admin, backup, ingress, jitsi, prefix, rocketchat, uploads, workspace } = values;
  const directory = values.directory ?? `/opt/${prefix}rocketchat`;
  const { email, ...adminRest } = admin;
  return {
    stack,
    engine: values.engine,
    hostname: values.hostname,
    url: `https://${values.hostname}${ingress.httpsPort === 443 ? "" : `:${ingress.httpsPort}`}`,
    prefix,
    directory,
    helperImage: values.helperImage,
    rocketchat: {
      ...rocketchat,
      image: rocketchat.image ?? `rocketchat/rocket.chat:${rocketchat.version}`,
      dataDirectory: rocketchat.dataDirectory ?? standardData({ directory }),
    },
    admin: { ...adminRest, ...(email !== undefined && { email }) },
    mongo: resolveMongo(values),
    ingress: resolveIngress(values),
    ...(jitsi !== undefined && { jitsi: resolveJitsi(jitsi) }),
    uploads: { ...uploads, directory: uploads.directory ?? standardUploads({ directory }) },
    workspace: {
      ...workspace,
      channels: workspace.channels ?? {},
      ...(workspace.settings !== undefined && { settings: typed(workspace.settings) }),
      ...resolveObjects(workspace, values.hostname),
    },
    ...(backup !== undefined && { backup: resolveBackup(backup) }),
    resources: values.resources,
  };
}

function typed(settings: Record<string, SettingValue>): Record<string, SettingValue> {
  const entries = Object.entries(settings);
  return Object.fromEntries(entries.map(([id, value]) => [id, settingValue(knownSetting(id), value)]));
}

function resolveJitsi({ jwt, ...jitsi }: NonNullable<Values["jitsi"]>): JitsiSettings {
  return { ...jitsi, ...(jwt !== undefined && { jwt }) };
}

function resolveBackup({
  caCertificate,
  uploadLimit,
  knownHosts,
  ...rest
}: NonNullable<Values["backup"]>): BackupSettings {
  return {
    ...rest,
    ...(uploadLimit !== undefined && { uploadLimit }),
    ...(knownHosts !== undefined && { knownHosts }),
    ...(caCertificate !== undefined && { caCertificate }),
  };
}

function resolveMongo({ mongo, prefix }: Values): MongoSettings {
  const {
    mode,
    hostname,
    network,
    admin,
    dataDirectory,
    oplogSize,
    cacheSize,
    openFiles,
    stopGrace,
    ...rest
  } = mongo;
  const { directory = `/opt/${prefix}mongodb-shared`, ...any } = rest;
  const both = { ...any, image: mongo.image ?? `mongo:${mongo.version}` };
  if (mode === "existing") return { ...both, mode, hostname: hostname ?? "", network: network ?? "", admin };
  return {
    ...both,
    mode,
    hostname: hostname ?? standardMongoName({ prefix }),
    directory,
    dataDirectory: dataDirectory ?? standardMongoData({ directory }),
    oplogSize,
    cacheSize,
    openFiles,
    stopGrace,
  };
}

function resolveIngress({ ingress, prefix }: Values): IngressSettings {
  return ingress.mode === "existing" ? existing(ingress) : managed(ingress, prefix);
}

function managed(ingress: Values["ingress"], prefix: string): ManagedIngress {
  const { bind, bindIPv6, httpPort, httpsPort, drain, connectionsPerAddress, neighboursMayConnect } = ingress;
  const { email, caFile, testCaHostnames, ...acme } = ingress.acme;
  const version = ingress.version ?? "";
  return {
    mode: "managed",
    version,
    image: ingress.image ?? `traefik:v${version}`,
    directory: ingress.directory ?? `/opt/${prefix}traefik`,
    bind,
    ...(bindIPv6 !== undefined && { bindIPv6 }),
    httpPort,
    httpsPort,
    drain,
    connectionsPerAddress,
    neighboursMayConnect,
    acme: {
      ...acme,
      ...(email !== undefined && { email }),
      ...(caFile !== undefined && { caFile }),
      ...(testCaHostnames !== undefined && { testCaHostnames }),
    },
  };
}

function existing(ingress: Values["ingress"]): ExistingIngress {
  const { httpsPort, entryPoints, certResolver, address = "" } = ingress;
  const both = {
    mode: "existing" as const,
    httpsPort,
    network: ingress.network ?? "",
    address: { name: address.split(":")[0] ?? "", port: Number(portOf(address) ?? httpsPort) },
    entryPoints,
    ...(certResolver !== undefined && { certResolver }),
  };
  if (ingress.render === "labels") return { ...both, render: "labels" };
  const { drain, dynamicDirectory = "" } = ingress;
  return { ...both, render: "file", dynamicDirectory, drain };
}
