import { z } from "zod";
import { flag, listOf, oneOf } from "../leaf";
import { isHostname } from "../names";

/** Who may make an account. */
export const registrationSchema = z.strictObject({
  /**
   * `Secret URL`: whoever has the address, whose last part is the secret `registrationSecretUrl`. Left out: a new workspace starts
   * with Disabled, one that was there keeps what it has.
   */
  form: oneOf("Disabled", "Public", "Secret URL").optional(),
  /** An administrator lets each new account in. */
  manualApproval: flag(true).optional(),
  /** New accounts must have an e-mail address under one of these. */
  allowedDomains: listOf(
    "example.org",
    "must be names of e-mail domains such as example.org, with a blank between them",
    isHostname,
  ).optional(),
  /** New accounts must show that the e-mail address is theirs. */
  verifyEmail: flag(true).optional(),
});
