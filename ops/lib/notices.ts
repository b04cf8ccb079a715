import { commandFor } from "../../settings/command";
import type { PlainSettings } from "../../settings/resolve";
import { signInCallbacks } from "../../settings/workspace/sign-in";
import { registrationNotice } from "./registration";
import type { Stack } from "./stack";
import { capture } from "./steps";

/**
 * What the operator must read after a deployment. Some of it is in outputs as well, which Pulumi leaves out of what it shows of
 * some deployments with `--refresh`.
 */
export async function noticesOf(stack: Stack, settings: PlainSettings): Promise<string[]> {
  const { jitsi, url, workspace } = settings;
  const callbacks = Object.entries(signInCallbacks(url, workspace.signIn) ?? {});
  const registration = await registrationNotice(stack, settings);
  return [
    ...(registration === undefined ? [] : [registration]),
    ...(callbacks.length === 0
      ? []
      : [`\ncallback addresses:\n${callbacks.map(([name, address]) => `  ${name}: ${address}`).join("\n")}`]),
    ...(jitsi === undefined ? [] : [`\nmeetings: ${await wayToMeetings(stack)}`]),
  ];
}

/** A deployment that succeeded does not fail for it. */
async function wayToMeetings({ name, env }: Stack): Promise<string> {
  const answer = await capture({ command: "pulumi", args: ["stack", "output", "meetings"], env });
  return answer.status === 0
    ? answer.stdout.trim()
    : `could not be read (${answer.stderr.trim()}); ${commandFor(name, "pulumi", "stack", "output", "meetings")}`;
}
