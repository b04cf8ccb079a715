import * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";
import { hostNote } from "./host-note";
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

export interface StorageArgs {
  /** On whose host the directories are. */
  engine: Engine;
  /** What the host is to remember of the directories, in a file apart from them: see `preflight/moved.ts`. @default nothing */
  note?: { file: string; text: string };
}

/**
 * The directories on the host that hold the service's data.
 *
 * Owns      a directory for each role, with owner and mode, and the host's note of where they are. Nothing in it can delete data:
 *           `destroy` leaves every byte, and the note.
 * Borrows   the images whose users own the directories.
 * Promises  the note is there before the first directory; what a mount names is there before whatever depends on it starts.
 */
export class Storage extends pulumi.ComponentResource {
  /** What a directory waits for. */
  private readonly noted: pulumi.Resource[];

  constructor(
    private readonly name: string,
    private readonly args: StorageArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:Storage", name, {}, opts);
    const { engine, note } = args;
    this.noted = note === undefined ? [] : [hostNote(`${name}-note`, { engine, ...note }, { parent: this })];
    this.registerOutputs({});
  }

  directory(role: string, { path, owner, mode = "0750" }: Directory): Mount {
    const ready = helperStep(
      `${this.name}-${role}`,
      {
        engine: this.args.engine,
        script: "scripts/host/directory.sh",
        mount: path,
        environment: { DIRECTORY: path, MODE: mode },
        owner,
      },
      { parent: this, dependsOn: this.noted },
    );
    return { hostPath: path, ready };
  }
}
