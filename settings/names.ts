import { isIP } from "node:net";

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const DOTTED = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`);

/** Suffixes for which no public CA may issue a certificate (RFC 2606, 6761, 6762, 8375 and ICANN's `internal`). */
const RESERVED = ["localhost", "local", "test", "internal", "example", "invalid", "lan", "home.arpa"];

/** A lower-case dotted host name of at most 253 characters; neither an IP address nor a wildcard. */
export function isHostname(text: string): boolean {
  const allDigits = /^[0-9.]+$/.test(text);
  return text.length <= 253 && DOTTED.test(text) && !allDigits && isIP(text) === 0;
}

/** One label of a host name that is also a legal container name (which Docker wants two characters long). */
export function isLabel(text: string): boolean {
  return text.length >= 2 && new RegExp(`^${LABEL}$`).test(text);
}

/** Whether the name lies under a suffix that the public DNS does not know. */
export function isReserved(hostname: string): boolean {
  return RESERVED.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`));
}

/** `x.y.z` as its publisher writes it: no leading zeros, no number that nothing counts up to. */
export function isExactVersion(text: string): boolean {
  return /^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})$/.test(text);
}

/** The number of a port as it is written, from 1. */
export function isPort(text: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65535;
}

/** An absolute, normalised path at least two levels deep, of characters that no shell or mount syntax splits. */
export function isDirectory(text: string): boolean {
  const levels = text.split("/").slice(1);
  return /^(?:\/[A-Za-z0-9._-]+){2,}$/.test(text) && !levels.some((level) => level === "." || level === "..");
}
