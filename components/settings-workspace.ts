import type * as pulumi from "@pulumi/pulumi";
import { connectionOf } from "../ops/workspace/connection";
import type { Settings } from "../settings/schema";
import { signInCallbacks } from "../settings/workspace/sign-in";
import { channelsOf, meetingsOf } from "./jitsi-link";
import { Workspace } from "./workspace";
import { workspaceSettings } from "./workspace-settings";

interface Parts {
  settings: Settings;
  adminPassword: pulumi.Output<string>;
  after: pulumi.Resource[];
}

/** The workspace that the settings describe, with what the stack tells of it. */
export function settingsWorkspace(name: string, { settings, adminPassword, after }: Parts) {
  const workspace = new Workspace(name, {
    connection: connectionOf(settings),
    passwordGeneration: settings.admin.passwordGeneration,
    password: adminPassword,
    settings: workspaceSettings(settings),
    channels: channelsOf(settings),
    meetings: meetingsOf(settings),
    objects: settings.workspace,
    url: settings.url,
    after,
  });
  const { webhooks, outgoingWebhookTokens, botTokens, meetings } = workspace;
  const callbacks = signInCallbacks(settings.url, settings.workspace.signIn);
  const outputs = { webhooks, outgoingWebhookTokens, botTokens };
  return {
    parts: [workspace],
    // Pulumi warns of an output without a value.
    outputs: {
      ...(callbacks !== undefined && { callbacks }),
      ...outputs,
      ...(settings.jitsi !== undefined && { meetings }),
    },
  };
}
