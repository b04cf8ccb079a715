import { posix } from "node:path";
import type { ContainerFacts, LinkFacts, MountFacts, NetworkFacts } from "./facts";

/** What `docker container inspect` says, as far as it is read here. */
export interface Inspected {
  Id: string;
  Name: string;
  Image: string;
  State: { Running: boolean };
  Config: InspectedConfig & { Image: string; Hostname: string };
  HostConfig: Record<string, unknown> & {
    Memory: number;
    RestartPolicy: { Name: string };
    NetworkMode: string;
    Links?: string[] | null;
    ExtraHosts?: string[] | null;
  };
  Mounts: { Type: string; Name?: string; Source: string; Destination: string }[];
  NetworkSettings: {
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
    Networks: Record<string, InspectedEndpoint>;
  };
}

interface InspectedConfig {
  Env: string[] | null;
  Cmd: string[] | null;
  Entrypoint: string[] | null;
  Labels: Record<string, string> | null;
  WorkingDir?: string;
}

interface InspectedEndpoint {
  Aliases: string[] | null;
  Links?: string[] | null;
  IPAddress: string;
  Gateway?: string;
  NetworkID: string;
}

/** What `docker image inspect` says. */
export interface InspectedImage {
  Config: InspectedConfig;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
}

/**
 * A container as the rest of an adoption knows it. Pure.
 * @param neighbours The names of the containers on each of its networks, its own included.
 */
export function containerFacts(
  found: Inspected,
  image: InspectedImage,
  neighbours: Record<string, string[]>,
): ContainerFacts {
  const env = envOf(found.Config.Env);
  const run = [...(found.Config.Entrypoint ?? []), ...(found.Config.Cmd ?? [])];
  const imageRun = [...(image.Config.Entrypoint ?? []), ...(image.Config.Cmd ?? [])];
  return {
    id: found.Id,
    name: nameOf(found),
    image: found.Config.Image,
    imageNames: [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])],
    imageLabels: image.Config.Labels ?? {},
    running: found.State.Running,
    restart: found.HostConfig.RestartPolicy.Name || "no",
    env,
    ownEnv: differing(env, envOf(image.Config.Env)),
    workingDirectory: found.Config.WorkingDir || "/",
    mounts: found.Mounts.map(({ Type, Name, Source, Destination }): MountFacts => ({
      type: Type,
      source: posix.normalize(Source || "/").replace(/(.)\/$/, "$1"),
      ...(Name === undefined ? {} : { volume: Name }),
      destination: posix.normalize(Destination).replace(/(.)\/$/, "$1"),
    })),
    command: JSON.stringify(run) === JSON.stringify(imageRun) ? undefined : (found.Config.Cmd ?? []),
    ports: Object.entries(found.NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => ({
        container: parseInt(port, 10),
        protocol: port.split("/")[1] ?? "tcp",
        host: `${HostIp || "0.0.0.0"}:${HostPort}`,
      })),
    ),
    networkMode: found.HostConfig.NetworkMode,
    networks: networksOf(found, neighbours),
    links: linksOf(found),
    extraHosts: Object.fromEntries(
      (found.HostConfig.ExtraHosts ?? []).map((line) => {
        const [, name = "", address = ""] = /^([^:=]+)[:=](.*)$/.exec(line) ?? [];
        return [name.toLowerCase(), address];
      }),
    ),
    labels: differing(found.Config.Labels ?? {}, image.Config.Labels ?? {}),
    memory: found.HostConfig.Memory,
    special: specialOptions(found.HostConfig),
  };
}

function nameOf(found: Inspected): string {
  return found.Name.replace(/^\//, "");
}

function networksOf(found: Inspected, neighbours: Record<string, string[]>): NetworkFacts[] {
  const own = nameOf(found);
  return Object.entries(found.NetworkSettings.Networks).map(([name, endpoint]) => ({
    name,
    names: [own, ...(endpoint.Aliases ?? []), endpoint.IPAddress, found.Config.Hostname].filter(
      (text) => text !== "",
    ),
    ...(endpoint.Gateway ? { gateway: endpoint.Gateway } : {}),
    others: (neighbours[name] ?? []).filter((other) => other !== own),
  }));
}

/** `--link TARGET:NAME`: on the default network the engine keeps them as `/TARGET:/OWN/NAME`, on others as `TARGET:NAME`. */
function linksOf(found: Inspected): LinkFacts[] {
  const lines = [
    ...(found.HostConfig.Links ?? []),
    ...Object.values(found.NetworkSettings.Networks).flatMap(({ Links }) => Links ?? []),
  ];
  return lines.map((line) => {
    const [target = "", name = target] = line.split(":");
    return { target: posix.basename(target), name: posix.basename(name).toLowerCase() };
  });
}

/** The names and addresses under which clients may have reached a container, in lower case: names have none. */
export function namesOf(found: ContainerFacts): string[] {
  return [found.name, ...found.networks.flatMap(({ names }) => names)].map((name) => name.toLowerCase());
}

/** Fields of docker inspect that must be empty, or have one of these values. */
const ordinary: Record<string, unknown[]> = {
  Privileged: [],
  CapAdd: [],
  Devices: [],
  DeviceRequests: [],
  DeviceCgroupRules: [],
  GroupAdd: [],
  ExtraHosts: [],
  Dns: [],
  DnsSearch: [],
  DnsOptions: [],
  Links: [],
  VolumesFrom: [],
  Sysctls: [],
  PidMode: [],
  UTSMode: [],
  UsernsMode: ["private"],
  IpcMode: ["private", "shareable"],
  SecurityOpt: [["no-new-privileges"], ["no-new-privileges:true"]],
  Runtime: ["runc"],
};

function specialOptions(config: Inspected["HostConfig"]): string[] {
  const isEmpty = (value: unknown) =>
    value === null ||
    value === undefined ||
    value === false ||
    value === "" ||
    (typeof value === "object" && Object.keys(value).length === 0);
  const special = Object.entries(ordinary).filter(
    ([field, values]) =>
      !isEmpty(config[field]) &&
      !values.some((value) => JSON.stringify(value) === JSON.stringify(config[field])),
  );
  const mode = config.NetworkMode;
  return [
    ...special.map(([field]) => field),
    ...(mode === "host" || mode === "none" || mode.startsWith("container:") ? ["NetworkMode"] : []),
  ];
}

function envOf(lines: string[] | null): Record<string, string> {
  return Object.fromEntries(
    (lines ?? []).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function differing(own: Record<string, string>, given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(own).filter(([name, value]) => given[name] !== value));
}
