import * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";
import { helperStep, type Owner } from "./host-step";

export interface Directory {
  /** Absolute path on the host. */
  path: string;
  owner: Owner;
  /** Octal. @default "0750" */
  mode?: string;
}

/** A directory that is there, with its owner and mode. */
export interface Mount {
  hostPath: string;
  /** What a container that mounts it waits for. */
  ready: pulumi.Resource;
}

/**
 * The directories on the host that hold the service's data.
 *
 * Owns      a directory for each role, with owner and mode. Nothing in it can delete data: `destroy` leaves every byte.
 * Borrows   the images whose users own the directories.
 * Promises  what a mount names is there before whatever depends on it starts.
 */
export class Storage extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: { engine: Engine },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:Storage", name, {}, opts);
    this.registerOutputs({});
  }

  directory(role: string, { path, owner, mode = "0750" }: Directory): Mount {
    const ready = helperStep(
      `${this.name}-${role}`,
      {
        engine: this.args.engine,
        script: "ops/host/directory.sh",
        mount: path,
        environment: { DIRECTORY: path, MODE: mode },
        owner,
      },
      { parent: this },
    );
    return { hostPath: path, ready };
  }
}
