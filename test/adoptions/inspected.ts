import type { Inspected, InspectedImage } from "../../commands/adopt/container-facts";

/** What a row says of a container; the rest is as the engine answers for a plain one. */
export interface Run {
  name: string;
  image: string;
  /** `NAME=value`, beside what the image has. */
  env?: string[];
  /** `/host:/container`, `volume:/container`, or `:/container` for a volume without a name. */
  volumes?: string[];
  /** `address:host:container`. */
  ports?: string[];
  /** @default "chat_default" */
  network?: string;
  aliases?: string[];
  links?: string[];
  extraHosts?: string[];
  command?: string[];
  labels?: Record<string, string>;
  digests?: string[];
  memory?: number;
}

interface BuiltImage {
  env: string[];
  command: string[];
  directory?: string;
  labels?: Record<string, string>;
}

const address: Record<string, string> = { rocketchat: "172.18.0.3" };

/** `docker container inspect` and `docker image inspect`, as they answer for a container that was started like this. */
export function inspected(run: Run, image: BuiltImage): [Inspected, InspectedImage] {
  const network = run.network ?? "chat_default";
  const id = Buffer.from(run.name).toString("hex").padEnd(64, "0").slice(0, 64);
  const isLegacy = network === "bridge";
  const given = new Set((run.env ?? []).map((line) => line.split("=")[0]));
  const links = (run.links ?? []).map((link) => {
    const [target, name = target] = link.split(":");
    return isLegacy ? `/${target}:/${run.name}/${name}` : `${target}:${name}`;
  });
  const config = {
    Entrypoint: ["docker-entrypoint.sh"],
    Labels: image.labels ?? null,
    WorkingDir: image.directory ?? "",
  };
  return [
    {
      Id: id,
      Name: `/${run.name}`,
      Image: `sha256:${id}`,
      State: { Running: true },
      Config: {
        ...config,
        Image: run.image,
        Hostname: id.slice(0, 12),
        Env: [...(run.env ?? []), ...image.env.filter((line) => !given.has(line.split("=")[0]))],
        Cmd: run.command ?? image.command,
        Labels: { ...image.labels, ...run.labels },
      },
      HostConfig: {
        Memory: run.memory ?? 0,
        RestartPolicy: { Name: "always" },
        NetworkMode: network,
        Links: isLegacy && links.length > 0 ? links : null,
        ExtraHosts: run.extraHosts ?? null,
        Privileged: false,
        CapAdd: null,
        IpcMode: "private",
        Runtime: "runc",
        SecurityOpt: null,
      },
      Mounts: (run.volumes ?? []).map((volume) => {
        const [source = "", Destination = ""] = volume.split(":");
        if (source.startsWith("/")) return { Type: "bind", Source: source, Destination };
        const Name = source || "5f".repeat(32);
        return { Type: "volume", Name, Source: `/var/lib/docker/volumes/${Name}/_data`, Destination };
      }),
      NetworkSettings: {
        Ports: Object.fromEntries(
          (run.ports ?? []).map((line) => {
            const [HostIp = "", HostPort = "", port = ""] = line.split(":");
            return [`${port}/tcp`, [{ HostIp, HostPort }]];
          }),
        ),
        Networks: {
          [network]: {
            Aliases: isLegacy ? null : (run.aliases ?? []),
            Links: isLegacy || links.length === 0 ? null : links,
            IPAddress: network === "host" ? "" : (address[run.name] ?? "172.18.0.2"),
            Gateway: network === "host" ? "" : isLegacy ? "172.17.0.1" : "172.18.0.1",
            NetworkID: network,
          },
        },
      },
    },
    {
      Config: { ...config, Env: image.env, Cmd: image.command },
      RepoTags: run.image.includes("@") ? [] : [run.image],
      RepoDigests: run.digests ?? [],
    },
  ];
}

const node = [
  "PATH=/usr/local/bin:/usr/bin:/bin",
  "NODE_VERSION=22.22.0",
  "NODE_ENV=production",
  "HOME=/tmp",
];

/** The images, as their Dockerfiles make them. */
export const images = {
  rocketchat: {
    env: [
      ...node,
      "DEPLOY_METHOD=docker",
      "PORT=3000",
      "ROOT_URL=http://localhost:3000",
      "MONGO_URL=mongodb://mongo:27017/rocketchat",
      "Accounts_AvatarStorePath=/app/uploads",
    ],
    command: ["node", "main.js"],
    directory: "/app/bundle",
  },
  dockerOfficial: {
    env: [
      ...node,
      "RC_VERSION=8.6.2",
      "DEPLOY_METHOD=docker-official",
      "PORT=3000",
      "MONGO_URL=mongodb://db:27017/meteor",
      "ROOT_URL=http://localhost:3000",
      "Accounts_AvatarStorePath=/app/uploads",
    ],
    command: ["node", "main.js"],
    directory: "/app/bundle",
  },
  mongo: {
    env: [
      "PATH=/usr/local/bin:/usr/bin:/bin",
      "GOSU_VERSION=1.19",
      "MONGO_MAJOR=8.0",
      "HOME=/data/db",
      "GLIBC_TUNABLES=glibc.pthread.rseq=0",
    ],
    command: ["mongod"],
  },
  bitnami: {
    env: [
      "PATH=/opt/bitnami/mongodb/bin:/usr/bin:/bin",
      "HOME=/",
      "OS_FLAVOUR=debian-12",
      "APP_VERSION=8.0.13",
      "BITNAMI_APP_NAME=mongodb",
      "BITNAMI_VOLUME_DIR=/bitnami",
    ],
    command: ["/opt/bitnami/scripts/mongodb/run.sh"],
  },
  community: { env: ["PATH=/usr/bin:/bin", "HOME=/data/db", "SUPPRESS_FAKETIME=1"], command: ["mongod"] },
} satisfies Record<string, BuiltImage>;
