import { namedStack, type Stack } from "../stack/stack";
import { OperatorError } from "../../terminal/steps";
import { ensureToolchain } from "../../machine/toolchain";

/** The stack that the pipeline was told to work on; backend, login and passphrase are those of its environment. */
export async function pipelineStack(name: string): Promise<Stack> {
  if (name === "local")
    throw new OperatorError("--stack: must name the stack (got none, or local); add --stack prod");
  const stack = namedStack(name, await ensureToolchain());
  // The token is for the comment; the program has no use for it.
  return { ...stack, env: { ...stack.env, GITHUB_TOKEN: undefined } };
}
