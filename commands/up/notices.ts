import type { PlainSettings } from "../../settings/schema";
import { signInCallbacks } from "../../settings/workspace/sign-in";
import { writeFault } from "../status/air-gap";
import { registrationNotice } from "./registration";
import type { Stack } from "../stack/stack";
import { stackOutput } from "../stack/stack-output";
import { tokenNotice } from "./token-notice";

/**
 * What the operator must read after a deployment. Some of it is in outputs as well, which Pulumi leaves out of what it shows of
 * some deployments with `--refresh`.
 */
export async function noticesOf(stack: Stack, settings: PlainSettings): Promise<string[]> {
  const { jitsi, rocketchat, url, workspace } = settings;
  const callbacks = Object.entries(signInCallbacks(url, workspace.signIn) ?? {});
  const [registration, faults] = await Promise.all([
    registrationNotice(stack, settings),
    writeFault(settings),
  ]);
  return [
    ...[tokenNotice(rocketchat.version)].filter((notice) => notice !== undefined),
    ...faults.map((fault) => `\n${fault}`),
    ...(registration === undefined ? [] : [registration]),
    ...(callbacks.length === 0
      ? []
      : [`\ncallback addresses:\n${callbacks.map(([name, address]) => `  ${name}: ${address}`).join("\n")}`]),
    ...(jitsi === undefined ? [] : [`\nmeetings: ${await stackOutput(stack, "meetings").catch(unread)}`]),
  ];
}

/** A deployment that succeeded does not fail for it. */
function unread(error: Error): string {
  return `could not be read (${error.message})`;
}
