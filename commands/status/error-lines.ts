import { printable } from "../../settings/printable";

const longest = 240;

/** The last different lines of a log that report an error, the newest last, without what must not be shown. */
export function errorLines(log: string, count = 2): string[] {
  const lines = printable(log).split("\n");
  const found = errorsIn(lines.map((line) => line.trimEnd())).map((line) =>
    shorten(withoutLogins(line.replace(/\s+/g, " "))),
  );
  const newest = new Map<string, string>();
  for (const line of found) {
    const told = withoutTime(line);
    newest.delete(told);
    newest.set(told, line);
  }
  return [...newest.values()].slice(-count);
}

/** The lines of a container's two streams, each with the time that the engine put before it, as they were printed. */
export function inOrder(...streams: string[]): string {
  return streams
    .flatMap((text) => text.split("\n"))
    .map((line): [string, string] => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)])
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([, line]) => line)
    .join("\n");
}

function errorsIn(lines: string[]): string[] {
  const errors: string[] = [];
  let box: string[] | undefined;
  for (const line of lines) {
    if (/^\s*\+[-=]{8,}\+\s*$/.test(line)) {
      errors.push(...reasonIn(box ?? []));
      box = box === undefined ? [] : undefined;
    } else if (box !== undefined && /^\s*\|.*\|\s*$/.test(line)) {
      box.push(line.trim().slice(1, -1).trim());
    } else {
      box = undefined;
      errors.push(...errorIn(line));
    }
  }
  return errors;
}

/** Rocket.Chat says in a box that it starts, or why it does not. */
function reasonIn(box: string[]): string[] {
  const said = box.filter((line) => line !== "");
  return /\b(error|stopped|failed)\b/i.test(said[0] ?? "") ? [said.join(" ")] : [];
}

function errorIn(line: string): string[] {
  const entry = line.startsWith("{") ? parsed(line) : undefined;
  if (entry === undefined) return isErrorText(line) ? [line] : [];
  const text = [entry.msg, entry.message, entry.name].find((said) => typeof said === "string") ?? "";
  // A box may be the text of an entry, whatever its level.
  if (text.includes("\n")) return errorsIn(text.split("\n").map((part) => printable(part).trimEnd()));
  if (!isError(entry)) return [];
  const detail = detailOf(entry.attr ?? entry.err ?? entry.error);
  return [[text, detail].filter((part) => part !== "").join(": ")];
}

/**
 * mongod: severity E or F. Rocket.Chat: pino's levels 50 and 60; 51 is its own, for what it says as it starts
 * (packages/logger, `startup`). Traefik: a word.
 */
function isError({ s, level }: Entry): boolean {
  return s === "E" || s === "F" || [50, 60, "error", "fatal", "panic"].some((error) => error === level);
}

/** A line that says its level is taken at its word; of the others, those that speak of an error and are not the stack below one. */
function isErrorText(line: string): boolean {
  const level = levelOf(line);
  if (level !== undefined) return /^(e|err|error|ftl|fatal|pnc|panic)$/i.test(level);
  return /^(?=\S).*(error|exception|fatal|panic)/i.test(line);
}

/** Traefik: `TIME ERR …`, or `level=error`; Meteor: `E20260101-…`. */
function levelOf(line: string): string | undefined {
  return (
    /^\S*\d\d:\d\d\S* (TRC|DBG|INF|WRN|ERR|FTL|PNC)\b/.exec(line)?.[1] ??
    /\blevel="?(\w+)/.exec(line)?.[1] ??
    /^([A-Z])\d{8}-\d\d:\d\d/.exec(line)?.[1]
  );
}

interface Entry {
  s?: string;
  level?: number | string;
  /** Texts, as a rule. */
  msg?: unknown;
  message?: unknown;
  name?: unknown;
  attr?: unknown;
  err?: unknown;
  error?: unknown;
}

function detailOf(from: unknown): string {
  if (typeof from === "string") return from;
  if (typeof from !== "object" || from === null) return "";
  const fields = from as Record<string, unknown>;
  const said = fields["message"] ?? fields["error"] ?? fields["reason"] ?? from;
  if (typeof said === "string") return said;
  // WiredTiger's own report.
  const { msg, error_str: reason } = said as { msg?: string; error_str?: string };
  return msg === undefined ? JSON.stringify(said) : [reason, msg].filter(Boolean).join(": ");
}

function parsed(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

/** Of two lines that differ in when they were printed, one is enough. */
function withoutTime(line: string): string {
  return line.replace(/^[A-Z]?\d{4}-?\d\d-?\d\d[T -]?\d\d:\d\d:\d\d\S*\s*/, "");
}

/** The password of a connection string, should a program ever print one. */
function withoutLogins(line: string): string {
  return line.replace(/(\w+:\/\/[^\s:@/]+:)[^\s@]+@/g, "$1…@");
}

/** The beginning says what failed, the end why. */
function shorten(line: string): string {
  if (line.length <= longest) return line;
  const head = Math.floor(longest / 2);
  return `${line.slice(0, head)}…${line.slice(head + 1 - longest)}`;
}
