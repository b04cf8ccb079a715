import { z } from "zod";
import { leaf, listOf, named, text, wholeNumber } from "../leaf";
import { isEmail } from "../rocketchat";
import { isRoleId } from "./permissions";

/** An account for a program. It is the code's as a whole: what is changed by hand is put back. */
export interface BotSettings {
  /** @default the user name */
  name: string;
  /**
   * An address that no other account has. Nothing is sent there when the bot is made.
   * @default "<user name>@<hostname>"
   */
  email: string;
  /**
   * Ids of its roles, `bot` among them. To make a token one must have the permission `create-personal-access-tokens`, as `user` has.
   * @default ["bot", "user"]
   */
  roles: string[];
  /** Channels it is in at least. @default none */
  channels: string[];
  /**
   * Generation of its personal access token: another number makes a new token and ends the old one. Left out: it has none.
   */
  token?: number;
}

export const userName = text("deployer", 'must be 1 to 64 letters, digits, "-", "_" and "."', (value) =>
  /^[0-9a-zA-Z_.-]{1,64}$/.test(value),
);

export const channelName = /^[0-9a-zA-Z._-]{1,100}$/;

/** `bot` is among them anyway as soon as a webhook posts as the account. */
const roles = leaf("bot user", (raw) => {
  const words = typeof raw === "string" ? raw.split(/ +/) : [];
  if (words.includes("bot") && words.every(isRoleId)) return words;
  throw new RangeError('must be ids of roles with blanks between them, "bot" among them');
});

export const botsSchema = named(
  userName,
  z.strictObject({
    name: text("Deployer", "must be one line of 1 to 100 characters", (value) =>
      /^\P{Cc}{1,100}$/u.test(value),
    ).optional(),
    email: text("deployer@example.org", "must be an e-mail address", isEmail).optional(),
    roles: roles.default(["bot", "user"]),
    channels: listOf("general", "must be names of channels with blanks between them", (word) =>
      channelName.test(word),
    ).optional(),
    token: wholeNumber(1, 1, 1_000_000).optional(),
  }),
);

export function resolveBots(
  bots: z.output<typeof botsSchema> | undefined,
  hostname: string,
): Record<string, BotSettings> {
  const resolved = Object.entries(bots ?? {}).map(([username, { name, email, channels, token, ...rest }]) => [
    username,
    {
      ...rest,
      name: name ?? username,
      email: email ?? `${username}@${hostname}`.toLowerCase(),
      channels: channels ?? [],
      ...(token !== undefined && { token }),
    },
  ]);
  return Object.fromEntries(resolved) as Record<string, BotSettings>;
}
