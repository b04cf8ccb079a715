import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { Duration } from "../../settings/units";
import type { Engine, Image } from "../host/engine";
import { scriptHash } from "../host/host-step";

export interface ClosedWizardArgs {
  /** Where it is made. */
  engine: Engine;
  /** Only the first start in a version opens the wizard: another image is looked at again, and nothing else is. */
  image: Image;
  /** What the container is called on the engine, and in its networks. */
  containerName: string;
  /** Port that Rocket.Chat listens on inside. */
  port: number;
  /** How long it may take to stop, before it is killed. */
  stopGrace: Duration;
  /** The front door, as `scripts/rocketchat/gate.js` takes it. */
  gate: Record<string, pulumi.Input<string>>;
}

/** The wizard that administrators would land in, closed. See `scripts/host/close-wizard.sh`. */
export function closedWizard(
  name: string,
  args: ClosedWizardArgs,
  opts: pulumi.CustomResourceOptions,
): command.local.Command {
  const [script, ...called] = [
    "scripts/host/close-wizard.sh",
    "scripts/host/exec-script.sh",
    "scripts/rocketchat/public-setting.js",
    "scripts/rocketchat/gate.js",
  ] as const;
  return new command.local.Command(
    name,
    {
      create: `sh ${script}`,
      environment: {
        ...args.gate,
        DOCKER_HOST: args.engine.host,
        CONTAINER: args.containerName,
        IMAGE: args.image.name,
        PORT: String(args.port),
        STOP_SECONDS: String(args.stopGrace.toSeconds()),
        SCRIPT_SHA256: scriptHash(script, ...called),
      },
      addPreviousOutputInEnv: false,
    },
    opts,
  );
}
