import type { Api } from "../api";
import type { Vault } from "../session";
import { administrator } from "./administrator";
import { bot } from "./bot";
import { channel } from "./channel";
import { fingerprint } from "./fingerprint";
import { incomingWebhook } from "./incoming-webhook";
import type { Kind } from "./kind";
import { outgoingWebhook } from "./outgoing-webhook";
import { permission } from "./permission";
import { role } from "./role";
import { meetings } from "./meetings";
import { setting } from "./setting";

/**
 * Every kind of thing in the workspace that the program knows, by the name that its collection has.
 * @param username The administrator's.
 * @param server The workspace, as somebody who is not logged in.
 */
export function kinds(vault: Vault, username: string, server: Api): Record<string, Kind<unknown>> {
  return {
    administrator: administrator(vault, username),
    bots: bot,
    channels: channel,
    fingerprint: fingerprint(server),
    incomingWebhooks: incomingWebhook,
    outgoingWebhooks: outgoingWebhook,
    permissions: permission,
    roles: role,
    meetings,
    settings: setting,
  };
}
