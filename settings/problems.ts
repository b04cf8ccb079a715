import { createRequire } from "node:module";
import type { RunError } from "@pulumi/pulumi/errors";
import { printable } from "./printable";

/** One fault of the settings, in the three parts that its line shows after the key. */
export interface Problem {
  /** Dotted, without the namespace: `mongo.cacheSize`. */
  key: string;
  /** What must be, or what is wrong. */
  rule: string;
  /** From `got` or `hidden`. */
  value: string;
  /** The change to make. */
  fix: string;
  /** Only unwise: it is told, and stops nothing. @default false */
  advice?: boolean;
}

/** Loaded where something is wrong: it loads gRPC, which takes a fifth of a command's time to start. */
function errors(): typeof import("@pulumi/pulumi/errors") {
  return createRequire(__filename)("@pulumi/pulumi/errors") as typeof import("@pulumi/pulumi/errors");
}

/**
 * An error that Pulumi shows as it is. It carries no stack trace: Pulumi would format one and not show it, which takes
 * Node 20 ten seconds and more.
 */
export function refusal(message: string): RunError {
  const error = new (errors().RunError)(printable(message)); // what tools and servers said is in some
  error.stack = "";
  return error;
}

/** Whether an error is one that Pulumi shows as it is, such as settings that are refused. */
export function isRefusal(error: unknown): error is RunError {
  return errors().RunError.isInstance(error);
}

/** All faults of the settings in one error, a line each. */
export function settingsError(stack: string, problems: Problem[]): RunError {
  return problemsError(stack, "in the settings", problems);
}

/** @param where Such as "on the engine". */
export function problemsError(stack: string, where: string, problems: Problem[]): RunError {
  const width = Math.max(...problems.map(({ key }) => key.length));
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(
    ({ key, rule, value, fix }) => `  ${key.padEnd(width)}  ${rule} (${value}); ${fix}`,
  );
  return refusal([`rocketchat, stack ${stack}: ${count} ${where}`, ...lines].join("\n"));
}

/** A value as messages show it: a password inside a URL is masked, a long text cut. */
export function got(value: unknown): string {
  if (value === undefined) return "got nothing";
  if (Array.isArray(value)) return "got a list";
  if (typeof value === "object" && value !== null) return "got a group of settings";
  if (typeof value !== "string") return `got ${JSON.stringify(value)}`;
  const masked = value.replace(/(:\/\/[^/@\s:]*:)[^@\s]*@/, "$1***@");
  return `got ${masked.length <= 80 ? JSON.stringify(masked) : `${JSON.stringify(masked.slice(0, 60))} and ${masked.length - 60} more characters`}`;
}

/** A value that messages must not show. */
export function hidden(value: unknown): string {
  const length = (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).length;
  return `secret, ${length} ${length === 1 ? "character" : "characters"}`;
}

/** The command that sets a key to an example of a right value. */
export function setCommand(key: string, example: string): string {
  const word = /^[A-Za-z0-9._:/@-]+$/.test(example) ? example : `'${example}'`;
  return key.includes(".")
    ? `pulumi config set --path 'rocketchat:${key}' ${word}`
    : `pulumi config set rocketchat:${key} ${word}`;
}

export function removeCommand(key: string): string {
  return key.includes(".")
    ? `pulumi config rm --path 'rocketchat:${key}'`
    : `pulumi config rm rocketchat:${key}`;
}
