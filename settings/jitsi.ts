import { z } from "zod";
import { flag, listOf, oneOf, text } from "./leaf";
import { isHostname } from "./names";

/** A Jitsi Meet server that runs elsewhere. */
export interface JitsiSettings {
  /**
   * How users get to a meeting. `app`: Rocket.Chat's Jitsi app, with the camera button and `/jitsi`. `link`: a webhook that answers
   * the words of `triggers` with the meeting's address. `auto`: the app where the workspace may have it, else the link.
   * @default "auto"
   */
  mode: "auto" | "app" | "link";

  /** Its bare host name, without `https://`; required. */
  domain: string;

  /**
   * Whether it is reached by https.
   * @default true
   */
  ssl: boolean;

  /**
   * Goes before the name of every meeting in its address. Meetings of a public server are open to whoever knows their name.
   * @default ""
   */
  titlePrefix: string;

  /**
   * The release of the app that is installed. One that is newer already is left as it is.
   * @default "2.1.1"
   */
  appVersion: string;

  /**
   * What a message that asks for a link starts with. One that starts with `/` is sent as a message because Rocket.Chat is told to
   * send unknown commands as such.
   * @default "!jitsi /jitsi"
   */
  triggers: string[];

  /**
   * Whether the topics of `workspace.channels` end with the address of a meeting of the channel's name.
   * @default false
   */
  topics: boolean;

  /** For a server that lets in only who has a token. Left out: the server asks for none. */
  jwt?: JitsiToken;
}

/** How the app signs tokens; the key is the secret `jitsiApplicationSecret`. */
export interface JitsiToken {
  /** The server's `JWT_APP_ID`; required. */
  applicationId: string;

  /**
   * One of the server's `JWT_ACCEPTED_AUDIENCES`.
   * @default "RocketChat"
   */
  audience: string;

  /**
   * Whether a token is good for one meeting only.
   * @default true
   */
  limitToRoom: boolean;
}

/** The app's release whose settings these are (RocketChat/Apps.Jitsi). */
const APP_VERSION = "2.1.1";

const jwtSchema = z.strictObject({
  applicationId: text("rocketchat", "must be one word, the server's JWT_APP_ID", isWord),
  audience: text(
    "RocketChat",
    "must be one word, one of the server's JWT_ACCEPTED_AUDIENCES",
    isWord,
  ).default("RocketChat"),
  limitToRoom: flag(true).default(true),
});

export const jitsiSchema = z.strictObject({
  mode: oneOf("auto", "app", "link").default("auto"),
  domain: text(
    "meet.example.org",
    "must be a bare host name such as meet.example.org, without https:// and path",
    isHostname,
  ),
  ssl: flag(true).default(true),
  titlePrefix: text("acme-", 'must be at most 40 letters, digits, "-" and "_"', (value) =>
    /^[A-Za-z0-9_-]{0,40}$/.test(value),
  ).default(""),
  appVersion: text(APP_VERSION, "must be an exact version x.y.z of the app", (value) =>
    /^[0-9]+\.[0-9]+\.[0-9]+$/.test(value),
  ).default(APP_VERSION),
  triggers: listOf(
    "!jitsi /jitsi",
    'must be words with a blank between them, each "!" or "/" and at most 30 lower-case letters, digits and hyphens',
    (word) => /^[!/][a-z0-9-]{1,30}$/.test(word),
  ).default(["!jitsi", "/jitsi"]),
  topics: flag(false).default(false),
  jwt: jwtSchema.optional(),
});

function isWord(value: string): boolean {
  return /^[^\s\p{Cc}]{1,100}$/u.test(value);
}
