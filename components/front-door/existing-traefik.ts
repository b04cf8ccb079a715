import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { ExistingIngress, FileIngress } from "../../settings/ingress";
import { routeMark } from "../../settings/route-mark";
import type { Engine } from "../host/engine";
import { helperStep } from "../host/host-step";
import type { Ingress, Publication, PublishOptions, Route } from "./ingress";
import { routeFile, routeLabels } from "./traefik-config";

export interface ExistingTraefikArgs {
  /** Where it is made. */
  engine: Engine;
  /** How the Traefik of others is told of a route, and where it is. */
  ingress: ExistingIngress;
}

/**
 * A Traefik that another stack or a person runs.
 *
 * Owns      one file in its dynamic directory, or labels on the application's own container.
 * Borrows   the Traefik, its network, its directory, its certificates.
 * Promises  nothing else of it changes. With `file` new requests are held while the server starts; with `labels` Traefik
 *           drops a container that is not healthy, so they get errors.
 */
export class ExistingTraefik extends pulumi.ComponentResource implements Ingress {
  readonly network: pulumi.Output<string>;
  readonly address: string;
  readonly httpsPort: number;
  readonly ready: pulumi.Resource[] = [];

  constructor(
    name: string,
    private readonly args: ExistingTraefikArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:ExistingTraefik", name, {}, opts);
    const { ingress } = args;
    this.network = pulumi.output(ingress.network);
    this.address = ingress.address.name;
    this.httpsPort = ingress.address.port;
    this.registerOutputs({});
  }

  publish(name: string, route: Route, opts: PublishOptions): Publication {
    const { ingress } = this.args;
    if (ingress.render === "file") return this.publishFile(name, route, ingress, opts);
    return {
      ready: [this.withdrawFile(name, opts)],
      aliases: [],
      labels: routeLabels(route, ingress, ingress.network),
    };
  }

  /** Takes the place of a route that was a file: that one goes first, or Traefik would go on following it. */
  private withdrawFile(name: string, opts: PublishOptions): pulumi.Resource {
    return new command.local.Command(
      name,
      { create: "true", triggers: ["labels"], addPreviousOutputInEnv: false },
      { parent: opts.parent, dependsOn: opts.after, deleteBeforeReplace: true },
    );
  }

  /** Readable for all, and whose the directory is: the one thing known of this Traefik is that it reads that directory. */
  private publishFile(name: string, route: Route, ingress: FileIngress, opts: PublishOptions): Publication {
    const file = `${ingress.dynamicDirectory}/${route.name}.yml`;
    const mark = routeMark(route.name);
    const written = helperStep(
      name,
      {
        engine: this.args.engine,
        script: "scripts/host/write-file.sh",
        mount: ingress.dynamicDirectory,
        mountExists: true,
        environment: { FILE: file, MODE: "0644", MARK: mark, PAUSE: String(ingress.drain.toSeconds()) },
        stdin: pulumi
          .output(route.server)
          .apply((server) => `${mark}\n${stringify(routeFile({ ...route, server }, ingress))}`),
        undo: "scripts/host/remove-file.sh",
        // A file elsewhere is another one: the old one must go.
        triggers: [file],
      },
      { parent: opts.parent, dependsOn: opts.after },
    );
    return { ready: [written], aliases: [route.server], labels: {} };
  }
}
