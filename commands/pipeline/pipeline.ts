import { stackArguments } from "../stack/arguments";
import { namedStack, type Stack } from "../stack/stack";
import { OperatorError } from "../../terminal/steps";
import { ensureToolchain } from "../../machine/toolchain";

/** The stack that the pipeline was told to work on; backend, login and passphrase are those of its environment. */
export async function pipelineStack(args: string[]): Promise<Stack> {
  const { stack: name, rest } = stackArguments(args);
  if (name === "local")
    throw new OperatorError("--stack: must name the stack (got none, or local); add --stack prod");
  if (rest.length > 0)
    throw new OperatorError(
      `arguments: must be --stack NAME alone (got ${rest.join(" ")}); leave out the others`,
    );
  const stack = namedStack(name, await ensureToolchain());
  // The token is for the comment; the program has no use for it.
  return { ...stack, env: { ...stack.env, GITHUB_TOKEN: undefined } };
}
