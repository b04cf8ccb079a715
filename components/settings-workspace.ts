import type * as pulumi from "@pulumi/pulumi";
import { connectionOf } from "../ops/workspace/connection";
import type { Settings } from "../settings/schema";
import { signInCallbacks } from "../settings/workspace/sign-in";
import { channelsOf, meetingsOf } from "./jitsi-link";
import { Workspace } from "./workspace";
import { workspaceSettings } from "./workspace-settings";

/** The workspace that the settings describe, with what the stack tells of it. */
export function settingsWorkspace(
  name: string,
  { settings, after }: { settings: Settings; after: pulumi.Resource[] },
) {
  const workspace = new Workspace(name, {
    connection: connectionOf(settings),
    passwordGeneration: settings.admin.passwordGeneration,
    settings: workspaceSettings(settings),
    channels: channelsOf(settings),
    meetings: meetingsOf(settings),
    objects: settings.workspace,
    url: settings.url,
    after,
  });
  const { webhooks, outgoingWebhookTokens, botTokens, meetings } = workspace;
  const callbacks = signInCallbacks(settings.url, settings.workspace.signIn);
  const outputs = { webhooks, outgoingWebhookTokens, botTokens, meetings };
  return { parts: [workspace], outputs: { ...(callbacks !== undefined && { callbacks }), ...outputs } };
}
