import { stackVariable } from "../../settings/command";
import { yesDns } from "../../preflight/public-name";
import { OperatorError } from "../../terminal/steps";

export interface StackArguments {
  stack: string;
  /** Everything else, as it came. */
  rest: string[];
}

/**
 * The stack of a command that takes nothing else. @default the stack `local`
 * @param script Of package.json, such as "status".
 */
export function onlyStack(script: string, args: string[]): string {
  const { stack, rest } = stackArguments(args);
  if (rest.length > 0)
    throw new OperatorError(
      `npm run ${script}: takes --stack NAME and nothing else (got ${rest.join(" ")}); leave it out, or write --stack before a stack's name`,
    );
  return stack;
}

/**
 * Takes `--stack NAME`, `--stack=NAME` or `-s NAME` out of the arguments. Everything that is started from now on knows it.
 * @default the stack `local`
 */
export function stackArguments(args: string[]): StackArguments {
  const rest: string[] = [];
  let stack = "local";
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--stack" || arg === "-s") {
      const name = args[++i];
      if (name === undefined)
        throw new OperatorError(`${arg}: is followed by a stack's name (got nothing); add it`);
      stack = name;
    } else if (arg.startsWith("--stack=")) {
      stack = arg.slice("--stack=".length);
    } else {
      rest.push(arg);
    }
  }
  process.env[stackVariable] = stack;
  return { stack, rest };
}

/** Takes `--yes-dns` out of the arguments. Where it was there, everything that is started from now on knows, and so does the program. */
export function takeYesDns(args: string[]): string[] {
  const rest = args.filter((arg) => arg !== "--yes-dns");
  if (rest.length < args.length) process.env[yesDns] = "1";
  return rest;
}
