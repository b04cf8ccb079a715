import { localExists, refreshLocal, type Stack, stackNamed } from "./stack";
import { OperatorError } from "../../terminal/steps";
import { ensureToolchain } from "../../machine/toolchain";

/**
 * A stack that is there already, with what changed in its tracked settings since.
 * @throws OperatorError when it is `local`, which nobody has made yet.
 */
export async function presentStack(name: string): Promise<Stack> {
  if (name === "local" && !localExists()) {
    throw new OperatorError(
      "stack local: is not there yet; make it with npm run up, or name another one with --stack",
    );
  }
  const stack = stackNamed(name, await ensureToolchain());
  if (name === "local") refreshLocal();
  return stack;
}
