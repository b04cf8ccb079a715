import type { ChatFacts } from "./facts";

/** Why a variable of Rocket.Chat's container needs no setting of its own, or is one. */
export interface Understood {
  why: string;
}

const expressed = "is a setting now";
const ignoredAdmin = "Rocket.Chat ignores it once there is an administrator";

const known: Record<string, string> = {
  ROOT_URL: "the address is the setting hostname now",
  PORT: "the port inside the container is the setting rocketchat.port now",
  MONGO_URL: "made anew from the settings mongo.*; user, password and database are taken over",
  MONGO_OPLOG_URL: "Rocket.Chat 8 does not read it; version 7 gets one of its own",
  REG_TOKEN: "becomes the secret registrationToken; a workspace that is registered does not use it again",
  BYPASS_MONGO_VALIDATION: expressed,
  ADMIN_USERNAME: ignoredAdmin,
  ADMIN_NAME: ignoredAdmin,
  ADMIN_PASS: ignoredAdmin,
  ADMIN_EMAIL: ignoredAdmin,
  ADMIN_EMAIL_VERIFIED: ignoredAdmin,
  INITIAL_USER: "makes its user only where there is none",
  MAIL_URL: "Rocket.Chat removes it at its start, or makes it from its SMTP settings, which stay",
  DEPLOY_METHOD: "for statistics only",
  DEPLOY_PLATFORM: "for statistics only",
  INSTANCE_IP: "is for several instances; there is one",
  UV_THREADPOOL_SIZE: "this program sets its own",
  LICENSE_DEBUG: "only writes more into the log",
};

/** What to do about variables that change how Rocket.Chat runs and that no setting can express. */
const reasons: Record<string, string> = {
  TEST_MODE: "makes an administrator with a known password; a workspace for people must not have it",
  TRANSPORTER: "connects several instances; this program runs one",
  NODE_OPTIONS: "limits or extends Node itself; resources.rocketchat.memory is what this program has",
  ROCKETCHAT_LICENSE:
    "is used when the database has no valid licence; enter the licence in the administration",
};

/**
 * Whether a variable may be left out of the new container, and why.
 * @returns undefined for one that nobody here understands.
 */
export function understand(name: string, value: string, chat: ChatFacts): Understood | undefined {
  const overwritten = /^OVERWRITE_SETTING_(.+)$/.exec(name)?.[1];
  if (overwritten !== undefined) {
    return {
      why: chat.settingIds.includes(overwritten)
        ? "its last value stays in the database, and administrators may change it from now on"
        : "Rocket.Chat has no such setting, and ignores it",
    };
  }
  if (chat.settingIds.includes(name))
    return { why: "counts at the first start only; the database has the value" };
  if (name === "HTTP_FORWARDED_COUNT" && value !== "1") return undefined;
  if (name === "HTTP_FORWARDED_COUNT") return { why: "is 1 here as well" };
  if (name === "AUTO_ACCEPT_FINGERPRINT") return { why: "is true here" };
  const why = known[name];
  return why === undefined ? undefined : { why };
}

export function whyNot(name: string): string {
  if (name === "HTTP_FORWARDED_COUNT")
    return "there was another number of proxies; this program puts one in front";
  return reasons[name] ?? "no setting expresses it, and it may change how Rocket.Chat runs";
}
