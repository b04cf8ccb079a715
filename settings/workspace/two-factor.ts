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
