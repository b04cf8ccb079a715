import type * as pulumi from "@pulumi/pulumi";
import { hashOf, linkWebhook } from "../../workspace/jitsi/link-webhook";
import { type Meetings, meetingsUrl } from "../../workspace/jitsi/meetings";
import type { Settings } from "../../settings/schema";

type Jitsi = NonNullable<Settings["jitsi"]>;

/** `Meetings` whose key is secret, and nothing else of it: a preview shows the rest. */
type Item = Omit<Meetings, "jwt"> & {
  jwt?: Omit<NonNullable<Meetings["jwt"]>, "secret"> & { secret: pulumi.Output<string> };
};

/** The way to a meeting, as the workspace's collection `meetings`: one item or none. */
export function meetingsOf({ jitsi, secrets }: Pick<Settings, "jitsi" | "secrets">): Record<string, Item> {
  if (jitsi === undefined) return {};
  const { mode, domain, ssl, titlePrefix, appVersion, triggers, jwt } = jitsi;
  const script = hashOf(linkWebhook(jitsi));
  const item: Item = { mode, domain, ssl, titlePrefix, appVersion, triggers, script };
  const { jitsiApplicationSecret: secret } = secrets;
  if (jwt === undefined || secret === undefined) return { jitsi: item };
  return { jitsi: { ...item, jwt: { ...jwt, secret } } };
}

/** The channels, with a meeting's address in their topics where the settings ask for it. */
export function channelsOf(settings: {
  jitsi?: Jitsi;
  workspace: Pick<Settings["workspace"], "channels">;
}): Record<string, object> {
  const { jitsi, workspace } = settings;
  const { channels } = workspace;
  if (jitsi?.topics !== true) return channels;
  return Object.fromEntries(
    Object.entries(channels).map(([name, channel]) => [
      name,
      channel.archived === true
        ? channel
        : { ...channel, topic: topicWithMeeting(channel.topic, name, jitsi) },
    ]),
  );
}

function topicWithMeeting(topic: string | undefined, channel: string, jitsi: Jitsi): string {
  const address = `${meetingsUrl(jitsi)}${encodeURIComponent(channel)}`;
  return topic === undefined || topic === "" ? address : `${topic} · ${address}`;
}
