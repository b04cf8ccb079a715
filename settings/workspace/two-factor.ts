import { z } from "zod";
import { duration, flag } from "../leaf";

/** The second factor of a login. Which roles must have one is a matter of the roles. */
export const twoFactorSchema = z.strictObject({
  enabled: flag(true).optional(),
  /** By an app on the phone. */
  totp: flag(true).optional(),
  /** By a code in an e-mail. */
  email: flag(true).optional(),
  /** New users with a verified e-mail address have it from the start. */
  emailForNewUsers: flag(true).optional(),
  /** How long a factor counts, on one device. */
  remember: duration("30 minutes", "0 seconds", "720 hours").optional(),
});

/**
 * The release whose personal access tokens do without the second factor again. Those of 8.5 are asked for it whatever they were made
 * with (RocketChat/Rocket.Chat#38017, mended by #41065, in 8.6.0-rc.1).
 */
export const tokensMended = "8.6.0";

/** @param version `8.5.3`, or `8.5`, as `/api/info` has it. */
export function asksTokens(version: string): boolean {
  return /^8\.5(\.|$)/.test(version);
}
