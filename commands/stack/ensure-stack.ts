import { ensureEngine } from "../../machine/docker-engine";
import { ensureImages } from "../../machine/images";
import { namedStack, prepareLocal, type Stack } from "./stack";
import { ensureToolchain } from "../../machine/toolchain";

/** A stack, with what it is worked on with. `local` is made where it is not there, with its engine and images. */
export async function ensureStack(name: string): Promise<Stack> {
  const toolchain = await ensureToolchain();
  if (name !== "local") return namedStack(name, toolchain);
  const engine = await ensureEngine();
  return prepareLocal(toolchain, engine, await ensureImages(engine));
}
