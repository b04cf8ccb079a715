import { ensureStack } from "../stack/ensure-stack";
import { settingsOf } from "../stack/settings-of";
import { presentStack } from "../stack/present-stack";
import { learnSecrets } from "../stack/stack-secrets";
import { Site } from "./site";

/**
 * The workspace of a stack.
 * @param isNew The stack `local` is made where it is not there.
 */
export async function siteOf(name: string, isNew = false): Promise<Site> {
  if (name === "local" && isNew) {
    const stack = await ensureStack(name);
    return new Site(stack, await settingsOf(stack));
  }
  const stack = await presentStack(name);
  await learnSecrets(stack); // not to be told by what tools say
  return new Site(stack, await settingsOf(stack));
}
