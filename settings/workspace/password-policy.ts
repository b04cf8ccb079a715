import { z } from "zod";
import { flag, wholeNumber } from "../leaf";

/** How long the password is that the stack makes for the administrator; a policy must let it through. */
export const adminPasswordLength = 24;

/** What a new password must be. Left out as a whole: what the administrators say. */
export const passwordPolicySchema = z.strictObject({
  /** `false` lets any password through. */
  enabled: flag(true).default(true),
  minLength: wholeNumber(14, 1, adminPasswordLength).default(14),
  maxLength: wholeNumber(128, adminPasswordLength, 1024).optional(),
  lowercase: flag(true).default(true),
  uppercase: flag(true).default(true),
  number: flag(true).default(true),
  special: flag(true).default(true),
  /** The longest run of one character, at least 3: generated passwords may have two. Left out: as long as you like. */
  maxRepeats: wholeNumber(3, 3, 100).optional(),
});
