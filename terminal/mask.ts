import { printable } from "../settings/printable";

const shown = "[secret]";

/** Shorter values are too common to be looked for: their every occurrence would be hidden, and that would tell them. */
export const shortestMasked = 4;
/** Below, a value counts only where it stands alone, as a word. */
const shortestInside = 8;

/** A secret, and of one of several lines, such as a key, the lines, which may be shown alone somewhere. */
export function withLines(secret: string): string[] {
  if (!secret.includes("\n")) return [secret];
  return [
    secret,
    ...secret.split("\n").filter((line) => line.length >= 16 && !/^-----.*-----$/.test(line.trim())),
  ];
}

/** One way in which a secret may be written. */
interface Form {
  /** Without white space. */
  letters: string;
  alone: boolean;
}

interface Span {
  start: number;
  end: number;
}

/**
 * Hides secrets in texts: as they are, percent-encoded, escaped as JSON once or twice, in base64, and broken over lines with
 * whatever indentation. Values of 4 to 7 characters are hidden where they stand alone, shorter ones are not.
 */
export class Mask {
  private readonly forms: Form[];

  constructor(secrets: Iterable<string>) {
    const forms = new Map<string, Form>();
    for (const secret of secrets)
      for (const written of formsOf(secret)) {
        const letters = written.replace(/\s/g, "");
        if (letters.length >= shortestMasked)
          forms.set(letters, { letters, alone: letters.length < shortestInside });
      }
    this.forms = [...forms.values()];
  }

  /** A text with nothing before and after it. */
  hide(text: string): string {
    return this.take(text, "", true).hidden;
  }

  /**
   * The part of a text that can be judged, hidden, and the rest, which more text may make a secret.
   * @param before The character before the text.
   * @param whole Nothing follows. @default false
   */
  take(text: string, before: string, whole = false): { hidden: string; rest: string } {
    const { letters, places } = withoutSpace(text);
    const spans = this.spansIn(letters, places, text, before, whole);
    let judged = whole ? text.length : this.judged(letters, places, text);
    for (const { start, end } of spans) if (start < judged && end > judged) judged = start;

    let hidden = "";
    let at = 0;
    for (const { start, end } of spans) {
      if (end > judged) break;
      hidden += text.slice(at, start) + shown;
      at = end;
    }
    return { hidden: hidden + text.slice(at, judged), rest: text.slice(judged) };
  }

  /** Where secrets are, in order and apart. */
  private spansIn(letters: string, places: number[], text: string, before: string, whole: boolean): Span[] {
    const found: Span[] = [];
    for (const form of this.forms) {
      for (let at = letters.indexOf(form.letters); at >= 0; at = letters.indexOf(form.letters, at + 1)) {
        const [start, end] = [places[at]!, places[at + form.letters.length - 1]! + 1];
        if (form.alone && !isWord(text, start, end, form.letters.length, before, whole)) continue;
        found.push({ start, end });
      }
    }
    const apart: Span[] = [];
    for (const span of found.sort((a, b) => a.start - b.start || a.end - b.end)) {
      const last = apart.at(-1);
      if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
      else apart.push(span);
    }
    return apart;
  }

  /** The first place from which more text could still make a secret. */
  private judged(letters: string, places: number[], text: string): number {
    const longest = Math.max(0, ...this.forms.map((form) => form.letters.length));
    for (let at = Math.max(0, letters.length - longest); at < letters.length; at++) {
      const tail = letters.slice(at);
      const mayGoOn = this.forms.some(
        (form) => form.letters.startsWith(tail) && (form.alone || form.letters.length > tail.length),
      );
      if (mayGoOn) return places[at]!;
    }
    return text.length;
  }
}

/** Makes a text that comes in pieces one that may be shown: `printable`, without secrets. Shows whole lines. */
export class ShownStream {
  private line = "";
  private waiting = "";
  private last = "";

  /** @param mask Asked for each piece: more secrets may be known by then. */
  constructor(private readonly mask: () => Mask) {}

  /** What may be shown by now. */
  write(piece: string): string {
    const text = this.line + piece;
    const lines = text.slice(0, text.lastIndexOf("\n") + 1);
    this.line = text.slice(lines.length);
    return lines === "" ? "" : this.pass(lines, false);
  }

  /** What is left. */
  end(): string {
    return this.pass(this.line, true);
  }

  private pass(lines: string, whole: boolean): string {
    const text = this.waiting + printable(lines);
    const { hidden, rest } = this.mask().take(text, this.last, whole);
    if (rest.length < text.length) this.last = text.charAt(text.length - rest.length - 1);
    this.waiting = rest;
    return hidden;
  }
}

function isWord(
  text: string,
  start: number,
  end: number,
  length: number,
  before: string,
  whole: boolean,
): boolean {
  if (end - start !== length) return false;
  if (/[\p{L}\p{N}]/u.test(start === 0 ? before : text.charAt(start - 1))) return false;
  if (end === text.length) return whole;
  return !/[\p{L}\p{N}]/u.test(text.charAt(end));
}

function withoutSpace(text: string): { letters: string; places: number[] } {
  const places: number[] = [];
  let letters = "";
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    for (let i = 0; i < word.length; i++) places.push(index + i);
    letters += word;
  }
  return { letters, places };
}

function formsOf(secret: string): string[] {
  const text = secret.trim();
  if (/^(true|false|null|none)$/i.test(text)) return []; // words of every text
  const bytes = Buffer.from(text);
  const wellFormed = bytes.toString();
  const percent = encodeURIComponent(wellFormed);
  const everyByte = percent.replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const json = escaped(text);
  return [
    text,
    ...[percent, everyByte].flatMap((form) => [form, form.replace(/%../g, (code) => code.toLowerCase())]),
    encodeURI(wellFormed),
    new URLSearchParams([["", text]]).toString().slice(1),
    json,
    escapedAsGo(json),
    asciiOnly(json),
    escaped(json),
    escapedAsGo(escaped(json)),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
  ];
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function escapedAsGo(json: string): string {
  return json.replace(/[<>&]/g, unicodeEscape);
}

function asciiOnly(json: string): string {
  return json.replace(/[^\u0000-\u007f]/g, unicodeEscape); // eslint-disable-line no-control-regex -- all of ASCII
}

function unicodeEscape(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
