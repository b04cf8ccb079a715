import type { Settings } from "../settings/schema";

type Jitsi = NonNullable<Settings["jitsi"]>;

/** What the address of every meeting starts with: the server, and `jitsi.titlePrefix`. */
export function meetingsUrl({
  ssl,
  domain,
  titlePrefix,
}: Pick<Jitsi, "ssl" | "domain" | "titlePrefix">): string {
  return `${ssl ? "https" : "http"}://${domain}/${titlePrefix}`;
}

/** A channel's topic with the address of the meeting that has the channel's name. */
export function topicWithMeeting(topic: string | undefined, channel: string, jitsi: Jitsi): string {
  const address = `${meetingsUrl(jitsi)}${encodeURIComponent(channel)}`;
  return topic === undefined || topic === "" ? address : `${topic} · ${address}`;
}
