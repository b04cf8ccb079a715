import { z } from "zod";
import { flag, named, oneOf, text } from "../leaf";

/**
 * A channel, made if it is missing. What is left out is the administrators'. One that leaves the settings stays as it is:
 * nothing here deletes a channel, and only `archived` archives one.
 */
export interface ChannelSettings {
  /** @default "public" */
  type: "public" | "private";
  topic?: string | undefined;
  description?: string | undefined;
  announcement?: string | undefined;
  /** Only its owners and moderators write in it. */
  readOnly?: boolean | undefined;
  /** New users are put into it. Those who are there already are not. */
  default?: boolean | undefined;
  /** Closed for new messages; nothing is lost. */
  archived?: boolean | undefined;
}

const line = (example: string) =>
  text(example, "must be one line of at most 250 characters", (value) => /^\P{Cc}{0,250}$/u.test(value));

export const channelsSchema = named(
  text("general", 'must be 1 to 100 lower-case letters, digits, "-", "_" and "."', (value) =>
    /^[a-z0-9._-]{1,100}$/.test(value),
  ),
  z.strictObject({
    type: oneOf("public", "private").default("public"),
    topic: line("What we work on").optional(),
    description: line("For everybody").optional(),
    announcement: line("Office closed on Friday").optional(),
    readOnly: flag(true).optional(),
    default: flag(true).optional(),
    archived: flag(true).optional(),
  }),
);
