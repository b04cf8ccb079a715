import { z } from "zod";
import { flag, leaf, type Leaf, listOf, named, oneOf, text, wholeNumber } from "../leaf";
import { channelName, userName } from "./bots";
import { scriptFile } from "./script-file";

/** What webhooks of both directions have. One that is named is the code's as a whole: what is changed by hand is put back. */
interface WebhookSettings {
  /** @default true */
  enabled: boolean;
  /** `#channel` or `@user`; several are possible. */
  channel: string[];
  /** Who posts; an incoming webhook gives the account the role bot. @default "rocket.cat" */
  username: string;
  /** The name that messages show; for posters with the permission `message-impersonate`. @default that of the account */
  alias?: string | undefined;
  /** Address of the picture that messages show; for the same posters. @default that of the account */
  avatar?: string | undefined;
  /** `:name:` of an emoji in place of the picture. @default none */
  emoji?: string | undefined;
  /** A file of this machine; settings hold its text. @default none */
  script?: string | undefined;
}

/** A program posts to its address. The address is made once and stays; it is a secret. */
export interface IncomingWebhookSettings extends WebhookSettings {
  /** A call may name another channel. @default false */
  overrideChannel: boolean;
}

/** Rocket.Chat posts to an address, and posts what that answers. */
export interface OutgoingWebhookSettings extends WebhookSettings {
  /** @default "sendMessage" */
  event: OutgoingEvent;
  urls: string[];
  /** Only messages that begin with one of these words count; with `sendMessage` alone. @default every message */
  triggerWords?: string[] | undefined;
  /** The words count anywhere in a message; with `sendMessage` alone. @default false */
  triggerWordAnywhere: boolean;
  /** Generation of the token that each call carries: another number makes a new one. @default 1 */
  token: number;
}

/** Those of Rocket.Chat's events that happen in a channel. */
export type OutgoingEvent = "sendMessage" | "fileUploaded" | "roomJoined" | "roomLeft";

const name = text("deploys", 'must be 1 to 64 letters, digits, "-", "_" and "."', (value) =>
  /^[0-9A-Za-z_.-]{1,64}$/.test(value),
);

const line = (example: string) =>
  text(example, "must be one line of 1 to 100 characters", (value) => /^\P{Cc}{1,100}$/u.test(value));

const everyChannel = ["all_public_channels", "all_private_groups", "all_direct_messages"];

/** Names with `#`, without it (in YAML a `#` after a blank begins a comment), and `@user`. */
function channels(example: string, also: string[] = []): Leaf<string[]> {
  const rule = `must be channels such as general or @user, with blanks between them${also.length > 0 ? `, or ${also.join(", ")}` : ""}`;
  const words = listOf(
    example,
    rule,
    (word) => also.includes(word) || channelName.test(word.replace(/^[#@]/, "")),
  );
  return leaf(example, (raw) => {
    const { data, error } = words.safeParse(raw);
    if (data === undefined) throw new RangeError(error?.issues[0]?.message);
    return data.map((word) => (also.includes(word) || /^[#@]/.test(word) ? word : `#${word}`));
  });
}

const both = {
  enabled: flag(true).default(true),
  username: userName.default("rocket.cat"),
  alias: line("Deployments").optional(),
  avatar: text(
    "https://example.org/ship.png",
    "must be an http or https address without a password",
    isUrl,
  ).optional(),
  emoji: text(":ship:", "must be the name of an emoji between colons", (value) =>
    /^:[0-9a-z_+-]+:$/.test(value),
  ).optional(),
  script: scriptFile("hooks/deploys.js").optional(),
};

export const incomingWebhooksSchema = named(
  name,
  z.strictObject({
    channel: channels("general"),
    ...both,
    overrideChannel: flag(false).default(false),
  }),
);

export const outgoingWebhooksSchema = named(
  name,
  z.strictObject({
    urls: listOf(
      "https://tickets.example.org/chat",
      "must be http or https addresses without a password, with blanks between them",
      isUrl,
    ),
    channel: channels("general", everyChannel).default(["all_public_channels"]),
    event: oneOf<OutgoingEvent>("sendMessage", "fileUploaded", "roomJoined", "roomLeft").default(
      "sendMessage",
    ),
    triggerWords: listOf("!ticket", "must be words with blanks between them", (word) =>
      /^\S{1,64}$/.test(word),
    ).optional(),
    triggerWordAnywhere: flag(false).default(false),
    ...both,
    token: wholeNumber(1, 1, 1_000_000).default(1),
  }),
);

/** An address may not carry a password: previews and the state show it. */
function isUrl(value: string): boolean {
  if (!URL.canParse(value) || /\s/.test(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}
