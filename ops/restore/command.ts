import { ensureEngine } from "../lib/docker-engine";
import { ensureImages } from "../lib/images";
import { settingsOf } from "../lib/settings-of";
import { localExists, prepareLocal, refreshLocal, stackNamed } from "../lib/stack";
import { OperatorError } from "../lib/steps";
import { ensureToolchain } from "../lib/toolchain";
import { Site } from "./site";

/**
 * The workspace of a stack.
 * @param isNew The stack `local` is made where it is not there.
 */
export async function siteOf(name: string, isNew = false): Promise<Site> {
  if (name === "local" && isNew) {
    const toolchain = await ensureToolchain();
    const engine = await ensureEngine();
    const stack = await prepareLocal(toolchain, engine, await ensureImages(engine));
    return new Site(stack, await settingsOf(stack));
  }
  if (name === "local" && !localExists())
    throw new OperatorError(
      "stack local: is not there yet; make it with npm run up, or name another one with --stack",
    );
  const stack = stackNamed(name, await ensureToolchain());
  if (name === "local") refreshLocal();
  return new Site(stack, await settingsOf(stack));
}
