/**
 * What one version of Rocket.Chat does otherwise than another.
 *
 * Without a version it is the strictest of them all: what works there rests on nothing that only some versions give.
 * @param version `STANDIN_BEHAVES_LIKE`: 8.8 or 7.7.1 for instance.
 */
export function waysOf(version) {
  const [major, minor] = (version ?? "").split(".").map(Number);
  const told = version !== undefined && version !== "";
  return {
    /** A personal access token made with `bypassTwoFactor` does without the second factor. */
    tokensBypass: told && !(major === 8 && minor === 5),
    /** A factor counts for RememberFor seconds on its login, and a new account starts with one. */
    remembersFactor: told && major < 8,
  };
}
