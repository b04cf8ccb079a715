import { nearest } from "./nearest";
import type { Problem } from "./problems";

/** The namespace of this program's keys: the project's name. */
const own = "rocketchat";

/**
 * Keys, with their namespace, that nobody reads since it is misspelt. Other namespaces are Pulumi's and its providers'
 * (`pulumi:tags`, `docker:host`).
 */
export function misspeltNamespaces(keys: string[]): Problem[] {
  return keys.flatMap((key) => {
    const [namespace = "", ...rest] = key.split(":");
    if (namespace === own || nearest(namespace, [own]).length === 0) return [];
    return [
      {
        key,
        rule: `must be in the namespace ${own}, else nothing reads it`,
        value: `got ${JSON.stringify(namespace)}`,
        fix: `did you mean ${own}:${rest.join(":")}?`,
      },
    ];
  });
}
