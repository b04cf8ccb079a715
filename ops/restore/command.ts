import { settingsOf } from "../lib/settings-of";
import { localExists, refreshLocal, stackNamed } from "../lib/stack";
import { OperatorError } from "../lib/steps";
import { ensureToolchain } from "../lib/toolchain";
import { Site } from "./site";

/** The workspace of a stack that is there. */
export async function siteOf(name: string): Promise<Site> {
  if (name === "local" && !localExists())
    throw new OperatorError(
      "stack local: is not there yet; make it with npm run up, or name another one with --stack",
    );
  const stack = stackNamed(name, await ensureToolchain());
  if (name === "local") refreshLocal();
  return new Site(stack, await settingsOf(stack));
}
