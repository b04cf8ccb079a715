import type { Settings } from "../settings/schema";

/**
 * The settings of Rocket.Chat itself that belong to the Jitsi link: none.
 *
 * The old `Jitsi_*` settings were removed in 5.x, and `VideoConf_Default_Provider` must name a registered provider, which
 * only the Jitsi app brings. `jitsiApp` is what that app takes; it is applied once apps are managed as code.
 */
export const jitsiOverrides: Record<string, string> = {};

/** The Jitsi app's own settings (Apps.Jitsi src/settings.ts): the domain is a bare host, `https://` is `jitsi_ssl`. */
export function jitsiApp(jitsi: NonNullable<Settings["jitsi"]>): {
  jitsi_domain: string;
  jitsi_ssl: boolean;
} {
  return { jitsi_domain: jitsi.domain, jitsi_ssl: jitsi.ssl };
}

/** Where a meeting opens. */
export function jitsiUrl(jitsi: NonNullable<Settings["jitsi"]>): string {
  return `${jitsi.ssl ? "https" : "http"}://${jitsi.domain}`;
}
