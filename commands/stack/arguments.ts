import { stackVariable } from "../../settings/command";
import { nearest } from "../../settings/nearest";
import { OperatorError } from "../../terminal/steps";
import declarations from "../declared.json";

type Declarations = typeof declarations;

/** A command by its file's name, as `commands/declared.json` has it. */
export type Command = keyof Declarations;

/** An option there: with a value when it names one, with a list of them when it may be given several times. */
interface Option {
  what: string;
  value?: string;
  several?: boolean;
  /** Whoever gets the rest gets it as well. */
  handedOn?: boolean;
}

interface Declared {
  /** Words that follow, such as `ADDRESS`; in brackets where it may be left out. */
  takes?: string[];
  options: Record<string, Option>;
  /** Who gets whatever is not declared. @default nobody: it is refused */
  handsOn?: string;
  /** It works on no stack, or has its name otherwise. @default false */
  withoutStack?: boolean;
}

type ValueOf<O> = O extends { several: boolean }
  ? string[] | undefined
  : O extends { value: string }
    ? string | undefined
    : boolean;

export interface Given<C extends Command> {
  stack: string;
  options: { [Name in keyof Declarations[C]["options"]]: ValueOf<Declarations[C]["options"][Name]> };
  /** What follows beside options, such as a snapshot. */
  words: string[];
  /** For whoever gets what is not declared, in its order. */
  rest: string[];
}

/**
 * What a command was given. Everything that is started from now on knows the stack.
 * @throws OperatorError for what it does not take, with the option that may have been meant.
 */
export function given<C extends Command>(command: C, args: string[]): Given<C> {
  const { withoutStack }: Declared = declarations[command];
  const { stack, rest: all } = withoutStack ? { stack: "local", rest: args } : stackArguments(args);
  const { options, words, rest } = read(command, all);
  return { stack, options: options as Given<C>["options"], words, rest };
}

/**
 * Takes `--stack NAME`, `--stack=NAME` or `-s NAME` out of the arguments. Everything that is started from now on knows it.
 * @default the stack `local`
 */
export function stackArguments(args: string[]): { stack: string; rest: string[] } {
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

type Values = Record<string, string | boolean | string[] | undefined>;

function read(command: Command, args: string[]): { options: Values; words: string[]; rest: string[] } {
  const declared: Declared = declarations[command];
  const values: Values = {};
  for (const [name, { value }] of Object.entries(declared.options))
    values[name] = value === undefined ? false : undefined;
  const [words, rest]: [string[], string[]] = [[], []];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [, name = "", said] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const option = Object.hasOwn(declared.options, name) ? declared.options[name] : undefined;
    if (option === undefined) {
      if (declared.handsOn === undefined && arg.startsWith("-")) throw unknown(command, declared, arg);
      if (name !== "") refuseMisspelt(command, declared, name);
      (declared.handsOn === undefined ? words : rest).push(arg);
      continue;
    }
    if (option.value === undefined) {
      if (said !== undefined && !option.handedOn)
        throw new OperatorError(`--${name}: takes no value (got ${said}); write --${name} alone`);
      values[name] = true;
    } else {
      const value = said ?? args[++i];
      if (value === undefined || (said === undefined && value.startsWith("-")))
        throw new OperatorError(
          `--${name}: is followed by ${option.value} (got ${value ?? "nothing"}); ${helpOn(command)}`,
        );
      values[name] = option.several ? [...((values[name] as string[] | undefined) ?? []), value] : value;
    }
    if (option.handedOn) rest.push(arg);
  }
  if (words.length > (declared.takes ?? []).length) throw tooMany(command, declared, words);
  return { options: values, words, rest };
}

function unknown(command: Command, declared: Declared, arg: string): OperatorError {
  const known = ["stack", ...Object.keys(declared.options)].map((name) => `--${name}`);
  const [meant] = nearest(arg.replace(/=.*/s, ""), known);
  const fix = meant === undefined ? "leave it out" : `did you mean ${meant}?`;
  return new OperatorError(
    `${nameOf(command)}: must get options that it knows (got ${arg}); ${fix} ${helpOn(command)}`,
  );
}

/** What goes to somebody else may be anything but a slip in an option of ours, which that one would not know. */
function refuseMisspelt(command: Command, declared: Declared, name: string): void {
  const own = Object.entries(declared.options).flatMap(([known, { handedOn }]) => (handedOn ? [] : [known]));
  const [meant] = nearest(name, own);
  if (meant !== undefined) throw unknown(command, declared, `--${name}`);
}

function tooMany(command: Command, declared: Declared, words: string[]): OperatorError {
  const { takes = [], options, withoutStack = false } = declared;
  const own = [...Object.keys(options).map((name) => `--${name}`), ...takes];
  const all = withoutStack ? own : ["--stack NAME", ...own];
  const last =
    all.length === 1 ? `${all[0]} and nothing else` : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
  const fix = withoutStack ? "leave it out" : "leave it out, or write --stack before a stack's name";
  return new OperatorError(`${nameOf(command)}: takes ${last} (got ${words.join(" ")}); ${fix}`);
}

const nameOf = (command: Command) => `npm run ${command.replace("-", ":")}`;
const helpOn = (command: Command) => `${nameOf(command)} -- --help says what it takes`;
