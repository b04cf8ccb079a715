import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Engine } from "./engine";
import { secretStep } from "./host-step";

export interface HostSecretsArgs {
  /** On whose host the files are. */
  engine: Engine;
  /** Host directory, root's alone. Each secret is a file of mode 0400 in it. */
  directory: string;
}

/** How a proposal is made. Every character is safe in a URI, in `.env`, and in a shell. */
export interface SecretShape {
  length: number;
  /** Also have one of `-_.` and one of each other class, as password policies ask. @default false */
  allClasses?: boolean;
}

/** A secret as the host keeps it. */
export interface HostSecret {
  value: pulumi.Output<string>;
  /** Stands for the value in fingerprints: its name and generation, known in every preview, where `value` may not be. */
  standIn: string;
  /** Stands for the first value, for a use that a later one does not concern. */
  firstStandIn: string;
  /** Absolute path on the host. */
  file: string;
  ready: pulumi.Resource;
}

/**
 * The current value of every generated secret.
 *
 * The host decides, the state remembers: data outlives `destroy`, a lost state and a lost passphrase, so its secrets must
 * too. A random value is proposed; what already stands on the host is kept, and what the host answers is used.
 *
 * Owns      one file a secret in `directory`; nothing here deletes or overwrites one.
 * Promises  `value` is what the host has, also after the state was lost.
 */
export class HostSecrets extends pulumi.ComponentResource {
  readonly directory: string;

  constructor(
    private readonly name: string,
    private readonly args: HostSecretsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("rocketchat:infra:HostSecrets", name, {}, opts);
    this.directory = args.directory;
    this.registerOutputs({});
  }

  /**
   * @param generation Which value is wanted, from 1. A higher one than the host has is a new value, which the owner of the account
   * takes over.
   */
  generate(role: string, shape: SecretShape, generation = 1): HostSecret {
    const proposal = new random.RandomPassword(
      `${this.name}-${role}`,
      {
        length: shape.length,
        special: shape.allClasses ?? false,
        ...(shape.allClasses
          ? { overrideSpecial: "-_.", minLower: 1, minUpper: 1, minNumeric: 1, minSpecial: 1 }
          : {}),
        ...(generation === 1 ? {} : { keepers: { generation: String(generation) } }),
      },
      { parent: this },
    );
    const kept = secretStep(
      `${this.name}-${role}`,
      {
        engine: this.args.engine,
        script: "ops/host/keep-secret.sh",
        mount: this.args.directory,
        environment: { DIRECTORY: this.args.directory, NAME: role, GENERATION: String(generation) },
        stdin: pulumi.secret(proposal.result),
      },
      { parent: this },
    );
    const standIn = (of: number) => `generated:${this.name}-${role}:${of}`;
    return {
      value: pulumi.secret(kept.stdout),
      standIn: standIn(generation),
      firstStandIn: standIn(1),
      file: `${this.args.directory}/${role}`,
      ready: kept,
    };
  }
}
