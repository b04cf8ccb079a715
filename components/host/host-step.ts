import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { execCall, type ExecPlace, helperCall, type ScriptOwner } from "../../engine/script-call";
import type { Engine, Image } from "./engine";

/** Whose a file on the host is: a user of an image (the image's own by default), or a fixed uid and gid. */
export type Owner = { image: Image; user?: string } | { uid: number };

export interface HelperStepArgs {
  /** On whose host it runs. */
  engine: Engine;
  /** Script below `scripts/`, POSIX sh. It is idempotent: every run after the first one only checks. */
  script: string;
  /** Host directory that the script works in. */
  mount: string;
  /** What the script gets. Not secret: a preview shows it. */
  environment: Record<string, pulumi.Input<string>>;
  /** Sets `OWNER` for the script, read from the image at run time. @default it is not set */
  owner?: Owner;
  /** Standard input of the script, where secrets travel. @default none */
  stdin?: pulumi.Input<string>;
  /** The directory is somebody else's: it is refused when it is missing, not made. @default false */
  mountExists?: boolean;
  /** Script below `scripts/` that runs with the same variables when the step is taken out. @default none */
  undo?: string;
  /** A change of one is another step: the old one is taken out. @default none */
  triggers?: string[];
}

/** A script that runs on the engine's host in a throw-away container. See `scripts/host/helper.sh`. */
export function helperStep(
  name: string,
  args: HelperStepArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const { engine, script, mount, environment, owner, mountExists = false } = args;
  const options = { mountExists, ...(owner !== undefined && { owner: ownerOf(owner) }) };
  const call = helperCall(script, { image: engine.helper.name, mount }, environment, options);
  return new command.local.Command(
    name,
    {
      create: `sh ${call.args.join(" ")}`,
      environment: {
        ...call.variables,
        DOCKER_HOST: args.engine.host,
        SCRIPT_SHA256: scriptHash("scripts/host/helper.sh", args.script),
      },
      ...(args.stdin === undefined ? {} : { stdin: args.stdin }),
      ...(args.undo === undefined ? {} : { delete: `sh scripts/host/undo.sh ${args.undo}` }),
      ...(args.triggers === undefined ? {} : { triggers: args.triggers }),
      addPreviousOutputInEnv: false,
    },
    pulumi.mergeOptions(opts, {
      dependsOn: [
        args.engine.helper.ready,
        ...(args.owner && "image" in args.owner ? [args.owner.image.ready] : []),
      ],
    }),
  );
}

export interface SecretStepArgs {
  /** On whose host it runs. */
  engine: Engine;
  /** Script below `scripts/`, as states of 0.3 name it, which answers the secret. */
  script: string;
  /** Host directory that the script works in. */
  mount: string;
  /** What the script gets. Not secret: a preview shows it. */
  environment: Record<string, string>;
  /** The proposal, on standard input. */
  stdin: pulumi.Output<string>;
}

/**
 * A helper step that answers a secret on standard output.
 *
 * Its inputs stay the same from release to release (no script hash, no image, `ops/` for `scripts/`), because a changed input makes the
 * answer unknown in a preview, and everything that uses it would look like a replacement. Five things keep the
 * answer secret: `additionalSecretOutputs`, `logging`, `addPreviousOutputInEnv`, and in the helper `--log-driver none` and that
 * it says nothing of a step that failed, whose output Pulumi would show.
 */
export function secretStep(
  name: string,
  args: SecretStepArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const { engine, script, mount } = args;
  const { variables } = helperCall(script, { image: engine.helper.name, mount }, args.environment);
  return new command.local.Command(
    name,
    {
      create: `sh ops/host/helper.sh ${args.script}`,
      environment: { ...variables, DOCKER_HOST: engine.host },
      stdin: args.stdin,
      logging: command.local.Logging.None,
      addPreviousOutputInEnv: false,
    },
    pulumi.mergeOptions(opts, {
      dependsOn: [args.engine.helper.ready],
      additionalSecretOutputs: ["stdout"],
      // A newer helper image has nothing to add to an answer that is there.
      ignoreChanges: ["environment.HELPER_IMAGE"],
    }),
  );
}

export interface ExecStepArgs {
  /** In whose container it runs. */
  engine: Engine;
  /** Script below `scripts/`. It is idempotent and polls for what it needs. */
  script: string;
  /** What the script gets. Not secret: a preview shows it. */
  environment: Record<string, pulumi.Input<string>>;
}

/** A node script that runs inside a running container. See `scripts/host/exec-script.sh`. */
export function nodeStep(
  name: string,
  { container, ...args }: ExecStepArgs & { container: string },
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  return execStep(name, "node", args, { container }, opts);
}

/** Where mongosh runs: in a running container, or in a throw-away one on a network. */
export type MongoShell = { container: string } | { image: Image; network: string };

/** A mongosh script. Its secrets come on standard input. See `scripts/host/exec-script.sh`. */
export function mongoshStep(
  name: string,
  { shell, ...args }: ExecStepArgs & { shell: MongoShell; stdin: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  return "container" in shell
    ? execStep(name, "mongosh", args, shell, opts)
    : execStep(
        name,
        "mongosh",
        args,
        { image: shell.image.name, network: shell.network },
        pulumi.mergeOptions(opts, { dependsOn: [shell.image.ready] }),
      );
}

function execStep(
  name: string,
  interpreter: "node" | "mongosh",
  args: ExecStepArgs & { stdin?: pulumi.Input<string> },
  place: ExecPlace,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const call = execCall(interpreter, args.script, place, args.environment);
  return new command.local.Command(
    name,
    {
      create: `sh ${call.args.join(" ")}`,
      environment: {
        ...call.variables,
        DOCKER_HOST: args.engine.host,
        SCRIPT_SHA256: scriptHash(
          "scripts/host/exec-script.sh",
          ...(interpreter === "mongosh" ? ["scripts/mongo/server.js"] : []),
          args.script,
        ),
      },
      ...(args.stdin === undefined ? {} : { stdin: args.stdin }),
      addPreviousOutputInEnv: false,
    },
    opts,
  );
}

function ownerOf(owner: Owner): ScriptOwner {
  return "uid" in owner ? owner : { ...owner, image: owner.image.name };
}

/** A changed script must run again; Pulumi sees only the text of the inputs. */
export function scriptHash(...scripts: string[]): string {
  const hash = createHash("sha256");
  for (const script of scripts) hash.update(readFileSync(join(__dirname, "..", "..", script)));
  return hash.digest("hex").slice(0, 16);
}
