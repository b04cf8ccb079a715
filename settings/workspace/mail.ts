import { isIPv4 } from "node:net";
import { z } from "zod";
import { oneOf, text, wholeNumber } from "../leaf";
import { isHostname, isLabel } from "../names";
import { isEmail } from "../rocketchat";
import { line } from "./leaves";

/** What a server listens on for each kind of TLS. */
export const mailPorts = { none: 25, starttls: 587, tls: 465 };

/** The server that takes e-mail from Rocket.Chat. Left out: what the administrators say, and at first none. */
export const mailSchema = z.strictObject({
  host: text(
    "smtp.example.org",
    "must be a host name or an IPv4 address",
    (value) => isHostname(value) || isLabel(value) || isIPv4(value),
  ),
  /** Left out: 587, 465 or 25, as `tls` is. */
  port: wholeNumber(587, 1, 65535).optional(),
  /** `tls` from the first byte, `starttls` once the server offers it, or `none`. */
  tls: oneOf("starttls", "tls", "none").default("starttls"),
  /** Left out: no login. Its password is the secret `smtpPassword`. */
  user: line("chat@example.org").optional(),
  /** The address that e-mails come from. */
  sender: text("chat@example.org", "must be an e-mail address", isEmail),
});

/** As Rocket.Chat connects. */
export function mailPort({ port, tls }: Pick<z.output<typeof mailSchema>, "port" | "tls">): number {
  return port ?? mailPorts[tls];
}
