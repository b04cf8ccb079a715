import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { ownNetwork } from "../../inventory/network";
import type { Network } from "../../inventory/part";
import type { Engine } from "./engine";
import { ownLabel } from "./own-label";

/** A network that is there. */
interface Made {
  role: string;
  name: string;
  resource: docker.Network;
}

/**
 * The networks of the servers that this stack runs.
 *
 * Owns      `edge`, where the front door reaches its applications and they reach the world; `data`, where applications
 *           reach their database; `egress`, from which a backup reaches the world and where nobody else is. Each is made when it is asked for, once.
 * Promises  nothing on `data` reaches the world, and the host has no address on it: an internal network alone would let
 *           every process of the host in.
 */
export class Networks extends pulumi.ComponentResource {
  /** Those that were asked for. */
  readonly made: Made[] = [];

  constructor(
    name: string,
    private readonly args: { engine: Engine; prefix: string },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:Networks", name, {}, opts);
    this.registerOutputs({});
  }

  edge(): docker.Network {
    return this.make("edge", {});
  }

  data(): docker.Network {
    return this.make("data", {
      internal: true,
      options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    });
  }

  egress(): docker.Network {
    return this.make("egress", {});
  }

  private make(role: Network["role"], args: docker.NetworkArgs): docker.Network {
    const { engine } = this.args;
    const { name } = ownNetwork(role, this.args);
    const resource = new docker.Network(
      role,
      { name, driver: "bridge", labels: [ownLabel()], ...args },
      { parent: this, provider: engine.provider },
    );
    this.made.push({ role, name, resource });
    return resource;
  }
}
