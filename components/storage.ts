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

export interface StorageArgs<Role extends string> {
  engine: Engine;
  directories: Record<Role, Directory>;
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
 * Promises  what `mounts` names is there before whatever depends on it starts.
 */
export class Storage<Role extends string> extends pulumi.ComponentResource {
  readonly mounts: Record<Role, Mount>;

  constructor(name: string, args: StorageArgs<Role>, opts?: pulumi.ComponentResourceOptions) {
    super("rocketchat:infra:Storage", name, {}, opts);
    this.mounts = {} as Record<Role, Mount>;
    for (const role of Object.keys(args.directories) as Role[]) {
      const directory = args.directories[role];
      const ready = helperStep(
        `${name}-${role}`,
        {
          engine: args.engine,
          script: "ops/host/directory.sh",
          mount: directory.path,
          environment: { DIRECTORY: directory.path, MODE: directory.mode ?? "0750" },
          owner: directory.owner,
        },
        { parent: this },
      );
      this.mounts[role] = { hostPath: directory.path, ready };
    }
    this.registerOutputs({});
  }
}
