import type { KnownSetting } from "./known-setting";

/** What a key of `workspace.signIn.custom.<name>`, or its secret, decides of a custom service; "" switches it on. */
const decided = [
  "",
  "url",
  "id",
  "secret",
  "authorize_path",
  "token_path",
  "identity_path",
  "scope",
  "token_sent_via",
  "identity_token_sent_via",
  "login_style",
  "key_field",
  "username_field",
  "email_field",
  "name_field",
  "merge_users",
  "button_label_text",
];

/** What else Rocket.Chat has of one, by type (apps/meteor/server/lib/oauth/addOAuthService.ts). */
const free: Record<string, string[]> = {
  boolean: ["map_channels", "merge_roles", "merge_users_distinct_services", "show_button"],
  string: [
    "access_token_param",
    "avatar_field",
    "button_color",
    "button_label_color",
    "channels_admin",
    "groups_channel_map",
    "groups_claim",
    "roles_claim",
    "roles_to_sync",
  ],
};

/** A custom service has settings of its own once it is there: `Accounts_OAuth_Custom-Keycloak-url`. */
function parts(id: string): { name: string; suffix: string } | undefined {
  const [, name, suffix = ""] = /^Accounts_OAuth_Custom-([A-Za-z0-9]+)(?:-(.+))?$/.exec(id) ?? [];
  return name === undefined ? undefined : { name, suffix };
}

/** The key that decides the setting of a custom service; undefined for one that no key decides. */
export function customOwner(id: string): string | undefined {
  const { name, suffix } = parts(id) ?? {};
  if (name === undefined || suffix === undefined || !decided.includes(suffix)) return undefined;
  return `workspace.signIn.custom.${name.toLowerCase()}`;
}

/** A setting of a custom service that no key decides; undefined for any other id. */
export function freeCustomSetting(id: string): KnownSetting | undefined {
  const suffix = parts(id)?.suffix;
  const type = Object.keys(free).find((one) => suffix !== undefined && free[one]!.includes(suffix));
  return type === undefined ? undefined : { type, values: [] };
}
