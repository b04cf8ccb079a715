import { workspaceName } from "../../inventory/rocketchat";
import { Host } from "../../engine/host";
import { commandFor } from "../../settings/command";
import type { PlainSettings } from "../../settings/schema";
import type { Stack } from "../stack/stack";
import { capture } from "../../terminal/steps";

/** What the operator must know of a workspace that Rocket.Chat's cloud does not know. */
const unregistered = (stack: string) => `
This workspace is not registered with Rocket.Chat's cloud, and without a licence that has an end: every 12 hours it asks
collector.rocket.chat for a token, and after 10 days without one (7 of them with a banner) nobody can write any more. A new
workspace that never got one cannot write from its first check on.
  - The engine's host must reach, on port 443:  collector.rocket.chat  cloud.rocket.chat  gateway.rocket.chat  marketplace.rocket.chat
  - To register: ${setSecret(stack, "registrationToken")}, then ${commandFor(stack, "up")}.
    A token works once. Pushes to phones need it too.
  - Where there is no internet: ${setSecret(stack, "licence")}
docs/workspace.md tells more.`;

const setSecret = (stack: string, key: string) =>
  commandFor(stack, "pulumi", "config", "set", "--secret", `rocketchat:${key}`);

/**
 * What the operator must know about registration; undefined where there is nothing to say. Rocket.Chat itself is asked, since a
 * workspace can be registered by hand as well.
 */
export async function registrationNotice(stack: Stack, settings: PlainSettings): Promise<string | undefined> {
  const licence = hasLicence(stack);
  const answer = await new Host(settings.engine, settings.helperImage, stack.env).node(
    "scripts/rocketchat/registration.js",
    workspaceName(settings),
    { PORT: String(settings.rocketchat.port) },
    { limitMs: 30_000 },
  );
  return answer.stdout.trim() === "unregistered" && !(await licence) ? unregistered(stack.name) : undefined;
}

async function hasLicence(stack: Stack): Promise<boolean> {
  const args = ["config", "get", "rocketchat:licence", ...stack.configArgs];
  return (await capture({ command: "pulumi", args, env: stack.env })).status === 0;
}
