import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { traefikUid, traefikUser } from "../../inventory/traefik";
import type { Resources } from "../../settings/schema";
import { traefikOwnPorts } from "../../settings/ingress";
import { requestTime } from "../../settings/request-time";
import { type ByteSize, Duration } from "../../settings/units";
import type { CertificateAuthority } from "./certificate-authority";
import type { Engine, Image } from "../host/engine";
import { helperStep } from "../host/host-step";
import type { Ingress, Publication, PublishOptions, Route } from "./ingress";
import { type PublishedPort, Service } from "../host/service";
import type { Mount } from "../host/storage";
import { type Door, ownDoor, routeFile } from "./traefik-config";
import { goMemoryLimit, traefikFlags } from "./traefik-flags";
import { ownFile } from "./traefik-own-file";

export interface TraefikIngressArgs {
  /** Where it is made. */
  engine: Engine;
  /** What its container is made of. */
  image: Image;
  /** What the container is called on the engine, and in its networks. */
  containerName: string;
  /** Host names that the test CA must find this Traefik under. */
  hostnames: string[];
  /** Network of the applications. */
  network: docker.Network;
  /** Address of the host that it listens on. */
  bind: string;
  /** IPv6 address of the host that it listens on as well. @default none */
  bindIPv6?: string;
  /** TCP port of the host that HTTP comes in by. */
  httpPort: number;
  /** TCP port of the host that HTTPS comes in by. */
  httpsPort: number;
  /** Connections that one client address may have open at once. */
  connectionsPerAddress: number;
  /** The largest file that goes in. */
  maxUpload: ByteSize;
  /** How long requests in flight keep the old server after a route moved on. */
  drain: Duration;
  /** How a name is proved to the authority: over HTTPS, or over HTTP. */
  challenge: "tls" | "http";
  /** Who issues its certificates. */
  authority: CertificateAuthority;
  /** Host directories of certificates, and of route files. */
  mounts: { acme: Mount; dynamic: Mount };
  /** What its container may use at most: memory, CPUs, processes. */
  resources: Resources;
}

/**
 * Traefik, the only publisher of ports: TLS with certificates from an ACME server, and routes as files.
 *
 * Owns      the container, its TLS options, one file for each route.
 * Borrows   the directories for certificates and routes; the network that it shares with the applications.
 * Promises  80 redirects to 443; new requests are held while a route's server starts; one address cannot fill it; it never sees the
 *           Docker socket.
 */
export class TraefikIngress extends pulumi.ComponentResource implements Ingress {
  readonly network: pulumi.Output<string>;
  readonly address: string;
  readonly httpsPort: number;
  readonly ready: pulumi.Resource[];

  constructor(
    name: string,
    private readonly args: TraefikIngressArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:TraefikIngress", name, {}, opts);
    this.network = args.network.name;
    this.address = args.containerName;
    this.httpsPort = args.httpsPort;

    const { bindIPv6, httpPort, httpsPort } = args;
    const doors = { httpPort, httpsPort, ipv6: bindIPv6 !== undefined };
    const tls = this.dynamicFile(
      `${name}-tls`,
      "tls.yml",
      stringify(ownFile(doors, args.connectionsPerAddress)),
      {
        parent: this,
        dependsOn: [args.mounts.dynamic.ready],
      },
    );

    const { authority } = args;
    const service = new Service(
      name,
      {
        engine: args.engine,
        containerName: args.containerName,
        image: args.image,
        user: traefikUser,
        command: traefikFlags({
          ...doors,
          requestTime: requestTime(args.maxUpload),
          challenge: args.challenge,
          server: authority.server,
          email: authority.email,
          storage: `/acme/${authority.storage}`,
          caFile: authority.caFile === undefined ? undefined : caFileInContainer,
        }),
        environment: [goMemoryLimit(args.resources.memory)],
        networks: [{ name: args.network.name, aliases: args.hostnames }],
        // It listens inside on the ports that it publishes, so that a redirect and the test CA name the right one.
        ports: publishedPorts(args),
        mounts: [
          { hostPath: args.mounts.acme.hostPath, containerPath: "/acme", readOnly: false },
          { hostPath: args.mounts.dynamic.hostPath, containerPath: "/dynamic", readOnly: true },
          ...(authority.caFile === undefined
            ? []
            : [{ hostPath: authority.caFile, containerPath: caFileInContainer, readOnly: true }]),
        ],
        // Bodies pass through without being kept (see upload-limit.ts); this is for Traefik itself.
        tmpfs: { "/tmp": "size=64m,mode=1777" },
        readOnly: true,
        health: {
          test: ["CMD", "wget", "-q", "--spider", `http://127.0.0.1:${traefikOwnPorts.ping}/ping`],
          interval: Duration.seconds(15),
          timeout: Duration.seconds(5),
          retries: 3,
          startPeriod: Duration.seconds(30),
        },
        resources: args.resources,
        stopGrace: Duration.seconds(15),
        after: [args.mounts.acme.ready, tls, ...authority.ready],
      },
      { parent: this },
    );
    this.ready = [service.container];
    this.registerOutputs({});
  }

  publish(name: string, route: Route, opts: PublishOptions): Publication {
    const written = this.dynamicFile(
      name,
      `${route.name}.yml`,
      pulumi.output(route.server).apply((server) => stringify(routeFile({ ...route, server }, this.door()))),
      { parent: opts.parent, dependsOn: [...this.ready, ...opts.after] },
      this.args.drain,
    );
    return { ready: [written], aliases: [route.server], labels: {} };
  }

  private door(): Door {
    return ownDoor(this.args.bindIPv6 !== undefined, this.args.connectionsPerAddress);
  }

  private dynamicFile(
    name: string,
    file: string,
    content: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
    drain = Duration.seconds(0),
  ): pulumi.Resource {
    return helperStep(
      name,
      {
        engine: this.args.engine,
        script: "scripts/host/write-file.sh",
        mount: this.args.mounts.dynamic.hostPath,
        environment: {
          FILE: `${this.args.mounts.dynamic.hostPath}/${file}`,
          MODE: "0640",
          PAUSE: String(drain.toSeconds()),
        },
        owner: { uid: traefikUid },
        stdin: content,
      },
      opts,
    );
  }
}

function publishedPorts({ bind, bindIPv6, httpPort, httpsPort }: TraefikIngressArgs): PublishedPort[] {
  const ipv4 = [httpPort, httpsPort].map((port) => ({ ip: bind, port, containerPort: port }));
  if (bindIPv6 === undefined) return ipv4;
  return [
    ...ipv4,
    { ip: bindIPv6, port: httpPort, containerPort: traefikOwnPorts.http6 },
    { ip: bindIPv6, port: httpsPort, containerPort: traefikOwnPorts.https6 },
  ];
}

const caFileInContainer = "/etc/traefik/acme-ca.pem";
