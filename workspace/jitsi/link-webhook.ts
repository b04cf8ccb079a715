import { createHash } from "node:crypto";
import { bodyOf, type Integration } from "../kinds/integration";
import { linkScript } from "./link-script";
import { type Meetings, meetingsUrl } from "./meetings";

export const type = "webhook-outgoing";
export const name = "Jitsi meetings";

export type LinkWebhook = ReturnType<typeof linkWebhook>;

/** The webhook that answers with links, without the words that it listens to. */
export function linkWebhook(server: Pick<Meetings, "ssl" | "domain" | "titlePrefix">) {
  return {
    ...bodyOf(type, name, {
      enabled: true,
      channel: ["all_public_channels", "all_private_groups", "all_direct_messages"],
      username: "rocket.cat",
      // No alias and no avatar: whoever asks answers, and users may not bear another name (permission message-impersonate).
      emoji: ":video_camera:",
      script: linkScript(meetingsUrl(server)),
    }),
    event: "sendMessage" as const,
    triggerWordAnywhere: false,
    // Who asked is in the room for certain; in a private group or a conversation of two, nobody else may answer.
    impersonateUser: true,
    runOnEdits: false,
    // Rocket.Chat wants one. The script keeps it from being called; where scripts are turned off, nothing listens there.
    urls: ["http://127.0.0.1:9/"],
  };
}

/** What there is of a webhook in Rocket.Chat, in the keys and the form of the wanted one. */
export function shownAs(wanted: LinkWebhook, present: Integration): LinkWebhook {
  const kept = { ...present, channel: present.channel.join(",") } as Record<string, unknown>;
  const entries = Object.entries(wanted).map(([key, value]) => [key, kept[key] ?? emptyOf(value)]);
  return Object.fromEntries(entries) as LinkWebhook;
}

/** Which webhook it is, short enough for a preview: a release that says another one of it brings it to every workspace. */
export function hashOf(webhook: LinkWebhook): string {
  return createHash("sha256").update(JSON.stringify(webhook)).digest("hex").slice(0, 12);
}

function emptyOf(value: unknown): unknown {
  return typeof value === "string" ? "" : typeof value === "boolean" ? false : undefined;
}
