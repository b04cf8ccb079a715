import type { PlainSettings } from "../../settings/schema";
import type { PendingAdoption } from "../adopt/hand-over";
import { keepSettings } from "../backup/kept-settings";
import { untilItAnswers } from "../status/door";
import { refuseDrift, setBack, type SetBack } from "../drift/drift";
import type { Exported } from "../state/checkpoint";
import { endInterrupted } from "../state/interrupted";
import { withSharedHelper } from "./shared-helper";
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
  /**
   * Runs `pulumi up`.
   * @param env Its environment.
   * @returns its exit status
   */
  up: (env: NodeJS.ProcessEnv) => Promise<number>;
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
  const state = await endInterrupted(stack);
  const before = await prepare(stack, state, adoption, agree);
  if (!before.goOn) return { status: 1 };

  await adoption?.handOver();
  const status = await withSharedHelper(stack, before.settings, up);
  await adoption?.conclude(status);
  if (status !== 0) return { status };

  const settings = before.settings ?? (await settingsOf(stack));
  await keepSettings(stack, settings);
  await untilItAnswers(stack, settings);
  if (before.found) await refuseDrift(stack, settings);
  for (const notice of await noticesOf(stack, settings)) say(notice);
  return { status, settings };
}

async function prepare(
  stack: Stack,
  state: Exported | undefined,
  adoption: PendingAdoption | undefined,
  agree: Way["agree"],
): Promise<SetBack & { settings?: PlainSettings | undefined }> {
  if (adoption !== undefined) {
    say(adoption.warning);
    return { goOn: await agree(), found: false };
  }
  const settings = await refuseOtherService(stack, state);
  if (settings === undefined) return { goOn: true, found: false };
  return { ...(await setBack(stack, settings, agree)), settings };
}
