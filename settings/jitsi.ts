import { z } from "zod";
import { flag, text } from "./leaf";
import { isHostname } from "./names";

/** A Jitsi Meet server that runs elsewhere. */
export interface JitsiSettings {
  /** Its bare host name, without `https://`; required. */
  domain: string;

  /**
   * Whether it is reached by https.
   * @default true
   */
  ssl: boolean;
}

export const jitsiSchema = z.strictObject({
  domain: text(
    "meet.example.org",
    "must be a bare host name such as meet.example.org, without https:// and path",
    isHostname,
  ),
  ssl: flag(true).default(true),
});
