import { parse } from "yaml";

/**
 * A group or a list of the configuration, which Pulumi hands over as JSON; anything else is the text that it is. A whole number that a
 * double would round, such as a client's id of 19 digits, becomes its text.
 */
export function decoded(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return text;
    return /[0-9]{16}/.test(text) ? exact(parse(text, { intAsBigInt: true }) as unknown) : value;
  } catch {
    return text;
  }
}

function exact(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, exact(inner)]));
}
