import type { Problem } from "../problems";
import type { PlainSettings } from "../schema";

/** A rule about several keys. It is left out when one of them could not be read. */
export interface CrossCheck {
  keys: string[];
  problem: (settings: PlainSettings) => Problem | undefined;
}

/** As people list alternatives: "5.0, 6.0 or 7.0". */
export function oneOf(words: string[]): string {
  return words.length === 1 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
