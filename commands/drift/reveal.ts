/** Marks a secret in a state, whether it is encrypted or not. */
const sign = "4dabf18193072939515e22adb298388d";

/** A value of a state with its secrets in plain, as `--show-secrets` has them; undefined stands for one that is encrypted. */
export function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  if (sign in value) {
    const { plaintext } = value as { plaintext?: string };
    return plaintext === undefined ? undefined : JSON.parse(plaintext);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}
