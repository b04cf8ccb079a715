import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";
import { ownLabel } from "./own-label";

/**
 * The two networks of the service.
 *
 * Owns      `edge`, where the front door reaches its applications and they reach the world; `data`, where applications
 *           reach their database.
 * Promises  nothing on `data` reaches the world, and the host has no address on it: an internal network alone would let
 *           every process of the host in.
 */
export class Networks extends pulumi.ComponentResource {
  readonly edge: docker.Network;
  readonly data: docker.Network;

  constructor(
    name: string,
    args: { engine: Engine; prefix: string },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:Networks", name, {}, opts);
    const child = { parent: this, provider: args.engine.provider };
    const labels = [ownLabel()];
    this.edge = new docker.Network("edge", { name: `${args.prefix}edge`, driver: "bridge", labels }, child);
    this.data = new docker.Network(
      "data",
      {
        name: `${args.prefix}data`,
        driver: "bridge",
        internal: true,
        labels,
        options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
      },
      child,
    );
    this.registerOutputs({});
  }
}
