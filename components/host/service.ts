import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Resources } from "../../settings/schema";
import type { Duration } from "../../settings/units";
import type { Engine, Image } from "./engine";
import { scriptHash } from "./host-step";
import { ownLabel } from "./own-label";

export interface HealthCheck {
  /** `["CMD", ...]`, run inside the container. */
  test: string[];
  interval: Duration;
  timeout: Duration;
  retries: number;
  /** How long failures do not count after a start. */
  startPeriod: Duration;
}

export interface PublishedPort {
  /** Address of the host. */
  ip: string;
  /** Port of the host. */
  port: number;
  /** Port inside the container. One binding each: several come back from the engine in an order of its own. */
  containerPort: number;
}

export interface ServiceArgs {
  /** Where it is made. */
  engine: Engine;
  /** Physical name, and the container's alias on each of its networks. */
  containerName: string;
  /** What its container is made of. */
  image: Image;
  /** What runs in it, in place of the image's command. */
  command: pulumi.Input<string>[];
  /** What `hostname` says inside. @default the container's id */
  hostname?: string;
  /** uid:gid or a user of the image. @default the image's own user */
  user?: string;
  /** Networks that it is on, with the names that others find it by there besides its own. */
  networks: { name: pulumi.Input<string>; aliases: pulumi.Input<string>[] }[];
  /** Absolute paths of the host, and where it sees them. */
  mounts: { hostPath: string; containerPath: string; readOnly: boolean }[];
  /** Not secret: `docker inspect` shows them. @default none */
  environment?: string[];
  /** Writable directories in memory: path to mount options such as `size=64m`. @default none */
  tmpfs?: Record<string, string>;
  /** @default none are published */
  ports?: PublishedPort[];
  /** Labels of the container, besides the stack's. @default none */
  labels?: Record<string, pulumi.Input<string>>;
  /** What root in it may do beyond other users; a container needs a strong reason. @default none */
  capabilities?: string[];
  /** The root file system cannot be written. */
  readOnly: boolean;
  /** A minimal init is process 1: for a program whose children must be reaped. @default false */
  init?: boolean;
  /** Open files and the like. @default the engine's */
  ulimits?: { name: string; soft: number; hard: number }[];
  /** @default none: an image that has no shell cannot be asked */
  health?: HealthCheck;
  /** What its container may use at most: memory, CPUs, processes. */
  resources: Resources;
  /** Its weight where processors are short; 1024 is everybody else's. @default 1024 */
  cpuShares?: number;
  /** How long it may take to end before it is killed. */
  stopGrace: Duration;
  /** What must be done before the container is made. The image always is. */
  after: pulumi.Resource[];
}

/**
 * A container the house way: exact image, limits on memory, processor and processes, capped logs, no capability but those
 * that are asked for, no new privileges, restarted by the engine.
 *
 * Owns      the container and its limit on processes.
 * Promises  every property that is changed in the program reaches the engine: the provider reports four of them as updated
 *           and does nothing, so these replace the container.
 */
export class Service extends pulumi.ComponentResource {
  readonly container: docker.Container;
  readonly containerName: string;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:Service", name, {}, opts);
    this.containerName = args.containerName;

    const memory = args.resources.memory.toMebibytes();
    this.container = new docker.Container(
      name,
      {
        name: args.containerName,
        image: args.image.name,
        command: args.command,
        envs: args.environment ?? [],
        // Spelled as the engine reports it, or every refresh would find a difference.
        networkMode: "bridge",
        networksAdvanced: args.networks.map((n) => ({
          name: n.name,
          aliases: [args.containerName, ...n.aliases],
        })),
        volumes: args.mounts,
        // In the order in which the provider reads them back.
        ports: [...(args.ports ?? [])]
          .sort((a, b) => a.containerPort - b.containerPort)
          .map(({ ip, port, containerPort }) => ({ ip, internal: containerPort, external: port })),
        labels: [
          ownLabel(),
          ...Object.entries(args.labels ?? {}).map(([label, value]) => ({ label, value })),
        ],
        // Not `unless-stopped`: an engine that was killed stops what it finds running at its next start, and counts that as on purpose.
        restart: "always",
        readOnly: args.readOnly,
        capabilities: { drops: ["ALL"], ...(args.capabilities ? { adds: args.capabilities } : {}) },
        securityOpts: ["no-new-privileges:true"],
        memory,
        memorySwap: memory,
        cpus: cpusAsReported(args.resources.cpus),
        logDriver: "json-file",
        logOpts: { "max-size": "10m", "max-file": "3" },
        stopTimeout: args.stopGrace.toSeconds(),
        destroyGraceSeconds: args.stopGrace.toSeconds(),
        ...(args.cpuShares === undefined ? {} : { cpuShares: args.cpuShares }),
        ...(args.hostname === undefined ? {} : { hostname: args.hostname }),
        ...(args.user === undefined ? {} : { user: args.user }),
        ...(args.tmpfs === undefined ? {} : { tmpfs: args.tmpfs }),
        ...(args.init === undefined ? {} : { init: args.init }),
        ...(args.ulimits === undefined ? {} : { ulimits: args.ulimits }),
        ...(args.health === undefined ? {} : { healthcheck: healthcheck(args.health) }),
      },
      {
        parent: this,
        provider: args.engine.provider,
        dependsOn: [args.image.ready, ...args.after],
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "mounts", "tmpfs", "init"],
      },
    );

    new command.local.Command(
      `${name}-pids`,
      {
        create: "sh scripts/host/limit-pids.sh",
        environment: {
          DOCKER_HOST: args.engine.host,
          CONTAINER_ID: this.container.id,
          PIDS: String(args.resources.pids),
          SCRIPT_SHA256: scriptHash("scripts/host/limit-pids.sh"),
        },
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    this.registerOutputs({ containerName: this.containerName });
  }
}

function healthcheck(health: HealthCheck) {
  return {
    tests: health.test,
    interval: health.interval.toDocker(),
    timeout: health.timeout.toDocker(),
    retries: health.retries,
    startPeriod: health.startPeriod.toDocker(),
  };
}

/** A number of processors as the provider reads it back: 2 as "2.0", 1.5 as "1.5", but 10 as "10.". */
export function cpusAsReported(cpus: number): string {
  const digits = cpus.toFixed(9);
  return digits.split("0").length - 1 === 9 ? cpus.toFixed(1) : digits.replace(/0+$/, "");
}
