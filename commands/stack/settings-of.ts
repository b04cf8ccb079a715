import { changedByYaml, unreadDocuments } from "../../settings/documents";
import { misspeltNamespaces } from "../../settings/namespace";
import { parseSettings } from "../../settings/parse";
import type { PlainSettings } from "../../settings/schema";
import type { Stack } from "./stack";
import { capture, OperatorError } from "../../terminal/steps";

interface ConfigValue {
  value?: string;
  secret: boolean;
}

/** A stack's settings without its secrets, for a command outside a deployment. */
export async function settingsOf(stack: Stack): Promise<PlainSettings> {
  const answer = await capture({
    command: "pulumi",
    args: ["config", "--json", ...stack.configArgs],
    env: stack.env,
  });
  if (answer.status !== 0)
    throw new OperatorError(
      `${answer.stderr.trim()}\npulumi config: failed (status ${answer.status}); mend what it says`,
    );
  const all = Object.entries(JSON.parse(answer.stdout) as Record<string, ConfigValue>);
  const values = all
    .filter(([key]) => key.startsWith("rocketchat:"))
    .map(([key, value]) => ({ key: key.slice("rocketchat:".length), ...value }));
  return parseSettings({
    stack: stack.name,
    config: Object.fromEntries(values.map(({ key, value }) => [key, value ?? "stays unread"])),
    found: [...misspeltNamespaces(all.map(([key]) => key)), ...unreadDocuments(stack.name)],
    written: changedByYaml(stack.name),
    secretsUnread: true,
    secretKeys: new Set(values.filter(({ secret }) => secret).map(({ key }) => key)),
  });
}
