import { printable } from "../../../settings/printable";

const longest = 240;

/** The last lines of a log that report an error, without what must not be shown. */
export function errorLines(log: string, count = 2): string[] {
  const found = printable(log)
    .split("\n")
    .flatMap((line) => errorIn(line.trimEnd()) ?? []);
  return [...new Set(found)].slice(-count).map((line) => shorten(withoutLogins(line.replace(/\s+/g, " "))));
}

function errorIn(line: string): string | undefined {
  const entry = line.startsWith("{") ? parsed(line) : undefined;
  if (entry === undefined)
    return /^(?=\S).*(error|exception|fatal|panic|\bERR\b|\bFTL\b)/i.test(line) ? line : undefined;
  // mongod: severity E or F. Rocket.Chat: pino's level, 50 is an error.
  const isError =
    entry.s === "E" || entry.s === "F" || (typeof entry.level === "number" && entry.level >= 50);
  if (!isError) return undefined;
  const detail = detailOf(entry.attr ?? entry.err);
  return `${String(entry.msg)}${detail === "" ? "" : `: ${detail}`}`;
}

interface Entry {
  s?: string;
  level?: number;
  msg?: unknown;
  attr?: Record<string, unknown>;
  err?: Record<string, unknown>;
}

function detailOf(from: Record<string, unknown> | undefined): string {
  if (from === undefined) return "";
  const said = from["message"] ?? from["error"] ?? from["reason"] ?? from;
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

/** The password of a connection string, should a program ever print one. */
function withoutLogins(line: string): string {
  return line.replace(/(\w+:\/\/[^\s:@/]+:)[^\s@]+@/g, "$1…@");
}

function shorten(line: string): string {
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
