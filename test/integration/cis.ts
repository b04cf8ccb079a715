/** What `docker inspect` says of a container, as far as the checks ask. */
export interface Inspected {
  Name: string;
  Config: { User: string; Image: string; Healthcheck?: { Test?: string[] } | null };
  HostConfig: {
    Privileged: boolean;
    CapAdd: string[] | null;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    ReadonlyRootfs: boolean;
    Memory: number;
    NanoCpus: number;
    PidsLimit: number | null;
    RestartPolicy: { Name: string };
    LogConfig: { Type: string; Config: Record<string, string> };
    NetworkMode: string;
    PidMode: string;
    IpcMode: string;
    UTSMode: string;
    UsernsMode: string;
    CgroupParent: string;
    Devices: unknown[] | null;
    Ulimits: { Name: string }[] | null;
    PortBindings: Record<string, { HostIp: string }[]> | null;
  };
  Mounts: { Source: string; Destination: string; Propagation: string }[];
  NetworkSettings: { Networks: Record<string, unknown> };
}

/** A check answers what is wrong, or nothing. */
type Check = (container: Inspected) => string | undefined;

const hostPaths = ["/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr", "/run", "/var/run"];
const wrong = (bad: unknown, what: unknown) => (bad ? (JSON.stringify(what) ?? "nothing") : undefined);

/**
 * Section 5 of the CIS Docker Benchmark (1.6), as far as `docker inspect` shows it, with 4.1 (user) and 4.6 (health).
 * Not here: 5.2 SELinux, which Debian does not have; 5.6 and 5.22 to 5.24, which are about what people do.
 */
export const cisChecks: Record<string, Check> = {
  "4.1 not root": ({ Config: { User } }) => wrong(/^(0|root)?(:|$)/.test(User), User),
  "5.3 every capability dropped": ({ HostConfig: { CapAdd, CapDrop } }) =>
    wrong(CapDrop?.join() !== "ALL" || (CapAdd ?? []).length > 0, { CapAdd, CapDrop }),
  "5.4 not privileged": ({ HostConfig: { Privileged } }) => wrong(Privileged, Privileged),
  "5.5 no sensitive directory of the host": ({ Mounts }) => {
    const sources = Mounts.map(({ Source }) => Source);
    return wrong(
      sources.some((source) =>
        hostPaths.some((path) => source === path || (path !== "/" && source.startsWith(`${path}/`))),
      ),
      sources,
    );
  },
  "5.7 no privileged port": ({ HostConfig: { PortBindings } }) => {
    const ports = Object.keys(PortBindings ?? {});
    return wrong(
      ports.some((port) => parseInt(port, 10) < 1024),
      ports,
    );
  },
  "5.8 no published port": ({ HostConfig: { PortBindings } }) =>
    wrong(Object.keys(PortBindings ?? {}).length > 0, PortBindings),
  "5.9 not the host's network": ({ HostConfig: { NetworkMode } }) =>
    wrong(NetworkMode === "host", NetworkMode),
  "5.10 memory limited": ({ HostConfig: { Memory } }) => wrong(Memory === 0, Memory),
  "5.11 processors limited": ({ HostConfig: { NanoCpus } }) => wrong(NanoCpus === 0, NanoCpus),
  "5.12 root file system read-only": ({ HostConfig: { ReadonlyRootfs } }) =>
    wrong(!ReadonlyRootfs, ReadonlyRootfs),
  "5.13 ports on a specific address": ({ HostConfig: { PortBindings } }) => {
    const addresses = Object.values(PortBindings ?? {}).flatMap((bindings) =>
      bindings.map(({ HostIp }) => HostIp),
    );
    return wrong(
      addresses.some((address) => ["", "0.0.0.0", "::"].includes(address)),
      addresses,
    );
  },
  "5.14 restarted on failure, five times at most": ({ HostConfig: { RestartPolicy } }) =>
    wrong(!["no", "on-failure"].includes(RestartPolicy.Name), RestartPolicy),
  "5.15 not the host's processes": ({ HostConfig: { PidMode } }) => wrong(PidMode !== "", PidMode),
  "5.16 not the host's IPC": ({ HostConfig: { IpcMode } }) =>
    wrong(!["private", "none"].includes(IpcMode), IpcMode),
  "5.17 no device": ({ HostConfig: { Devices } }) => wrong((Devices ?? []).length > 0, Devices),
  "5.18 the engine's ulimits": ({ HostConfig: { Ulimits } }) => wrong((Ulimits ?? []).length > 0, Ulimits),
  "5.19 mounts not shared": ({ Mounts }) =>
    wrong(
      Mounts.some(({ Propagation }) => Propagation.includes("shared")),
      Mounts,
    ),
  "5.20 not the host's UTS": ({ HostConfig: { UTSMode } }) => wrong(UTSMode === "host", UTSMode),
  "5.1, 5.21 AppArmor and seccomp not turned off": ({ HostConfig: { SecurityOpt } }) =>
    wrong(
      (SecurityOpt ?? []).some((option) => option.includes("unconfined")),
      SecurityOpt,
    ),
  "5.24 the engine's control group": ({ HostConfig: { CgroupParent } }) =>
    wrong(CgroupParent !== "", CgroupParent),
  "5.25 no new privileges": ({ HostConfig: { SecurityOpt } }) =>
    wrong(
      !SecurityOpt?.includes("no-new-privileges:true") && !SecurityOpt?.includes("no-new-privileges"),
      SecurityOpt,
    ),
  "4.6, 5.26 health checked": ({ Config: { Healthcheck } }) =>
    wrong(Healthcheck?.Test === undefined || Healthcheck.Test[0] === "NONE", Healthcheck),
  "5.27 an exact image": ({ Config: { Image } }) =>
    wrong(!/:[^:/]+$/.test(Image) || /:latest$/.test(Image), Image),
  "5.28 processes limited": ({ HostConfig: { PidsLimit } }) => wrong(!(Number(PidsLimit) > 0), PidsLimit),
  "5.29 not the default network": ({ NetworkSettings: { Networks } }) =>
    wrong("bridge" in Networks, Object.keys(Networks)),
  "5.30 not the host's user namespace": ({ HostConfig: { UsernsMode } }) =>
    wrong(UsernsMode === "host", UsernsMode),
  "5.31 no Docker socket": ({ Mounts }) =>
    wrong(
      Mounts.some(({ Source, Destination }) => /docker\.sock/.test(`${Source} ${Destination}`)),
      Mounts,
    ),
  "2.12 log capped": ({ HostConfig: { LogConfig } }) =>
    wrong(LogConfig.Type !== "none" && LogConfig.Config["max-size"] === undefined, LogConfig),
};

/** The names of the checks that a container does not pass, with what was found. */
export function findings(container: Inspected): Record<string, string> {
  const found = Object.entries(cisChecks).map(([name, check]) => [name, check(container)] as const);
  return Object.fromEntries(found.filter((finding): finding is [string, string] => finding[1] !== undefined));
}
