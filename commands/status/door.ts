import { workspaceName } from "../../inventory/rocketchat";
import { traefikName } from "../../inventory/traefik";
import { commandFor } from "../../settings/command";
import type { PlainSettings } from "../../settings/schema";
import { Host } from "../../engine/host";
import type { Stack } from "../stack/stack";
import { OperatorError, say } from "../../terminal/steps";

/** A front door as Rocket.Chat's container reaches it. */
export interface Door {
  address: string;
  port: number;
}

export function doorOf(settings: Pick<PlainSettings, "ingress" | "prefix">): Door {
  const { ingress } = settings;
  return ingress.mode === "existing"
    ? { address: ingress.address.name, port: ingress.address.port }
    : { address: traefikName(settings), port: ingress.httpsPort };
}

/**
 * Waits until the workspace answers through its front door now, asked from its own container: from where the engine is, whichever
 * machine that is. A deployment asks that as well, but only one that changed something.
 * @throws OperatorError when it does not within the time of a deployment.
 */
export async function untilItAnswers(stack: Stack, settings: PlainSettings): Promise<void> {
  const { address, port } = doorOf(settings);
  const host = new Host(settings.engine, settings.helperImage, stack.env);
  const waiting = setTimeout(
    () => say("▸ waiting until the workspace answers through its front door, 10 minutes at most …"),
    5_000,
  );
  const answer = await host.node("scripts/rocketchat/gate.js", workspaceName(settings), {
    GATE_ADDRESS: address,
    GATE_PORT: String(port),
    GATE_HOSTNAME: settings.hostname,
  });
  clearTimeout(waiting);
  if (answer.status !== 0)
    throw new OperatorError(
      `${answer.stderr.trim()}\nfront door: must answer at ${settings.url}/api/info (it does not); see ${commandFor(stack.name, "status")}`,
    );
}
