import type { PlainSettings } from "../../settings/schema";
import type { PendingAdoption } from "../adopt/hand-over";
import { keepSettings } from "../backup/kept-settings";
import { untilItAnswers } from "../status/door";
import { refuseDrift, setBack, type SetBack } from "../drift/drift";
import { endInterrupted } from "../state/interrupted";
import { noticesOf } from "./notices";
import { settingsOf } from "../stack/settings-of";
import type { Stack } from "../stack/stack";
import { say } from "../../terminal/steps";
import { refuseOtherService } from "./unknown-service";

/** How somebody deploys: a person at a terminal, or a job. */
export interface Way {
  /** The deployment takes over a workspace that was started by hand. @default none */
  adoption?: PendingAdoption | undefined;
  /** Asked before anything is changed that Pulumi's plan does not show. */
  agree: () => Promise<boolean>;
  /** Runs `pulumi up`. @returns its exit status */
  up: () => Promise<number>;
}

export interface Deployed {
  /** Pulumi's; 1 where nobody agreed. */
  status: number;
  /** Of a deployment that went through. */
  settings?: PlainSettings;
}

/**
 * A whole deployment: sets back what is not as the state says, runs Pulumi, and proves that the service is there.
 * @throws OperatorError with what keeps it from beginning, or what is not as it should be after it went through.
 */
export async function deploy(stack: Stack, { adoption, agree, up }: Way): Promise<Deployed> {
  await endInterrupted(stack);
  const before = await prepare(stack, adoption, agree);
  if (!before.goOn) return { status: 1 };

  await adoption?.handOver();
  const status = await up();
  await adoption?.conclude(status);
  if (status !== 0) return { status };

  const settings = await settingsOf(stack);
  await keepSettings(stack, settings);
  await untilItAnswers(stack, settings);
  if (before.found) await refuseDrift(stack, settings);
  for (const notice of await noticesOf(stack, settings)) say(notice);
  return { status, settings };
}

async function prepare(
  stack: Stack,
  adoption: PendingAdoption | undefined,
  agree: Way["agree"],
): Promise<SetBack> {
  if (adoption !== undefined) {
    say(adoption.warning);
    return { goOn: await agree(), found: false };
  }
  const settings = await refuseOtherService(stack);
  return settings === undefined ? { goOn: true, found: false } : setBack(stack, settings, agree);
}
