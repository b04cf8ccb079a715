import { nearest } from "../nearest";
import { type Leaf, leaf, text } from "../leaf";
import { valuesOf } from "./known-settings";

/** One line that is not empty. */
export function line(example: string, longest = 250): Leaf<string> {
  return text(
    example,
    `must be one line of 1 to ${longest} characters`,
    (value) => value.trim() !== "" && value.length <= longest && !/\p{Cc}/u.test(value),
  );
}

/** One of the words that Rocket.Chat has for a setting, which may be hundreds. */
export function wordOf(id: string, example: string): Leaf<string> {
  return leaf(example, (raw) => {
    const words = valuesOf(id);
    const word = words.find((known) => known === raw);
    if (word !== undefined) return word;
    const [near] = typeof raw === "string" ? nearest(raw, words) : [];
    const instead = near === undefined ? "" : `: did you mean ${near}?`;
    throw new RangeError(`must be a word that Rocket.Chat has for it, such as ${example}${instead}`);
  });
}

/** An address without user, password, query and fragment. */
export function webAddress(example: string, ...schemes: ("https" | "http")[]): Leaf<string> {
  return text(example, `must be an address such as ${example}`, (value) => {
    const { protocol, username, password, search, hash } = URL.canParse(value) ? new URL(value) : {};
    const scheme = schemes.some((known) => protocol === `${known}:`);
    return scheme && !/\s/.test(value) && [username, password, search, hash].every((part) => part === "");
  });
}
