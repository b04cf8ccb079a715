/** What stands in a `.env` file, in its order; the last one of a name counts. */
export type ComposeEnv = Map<string, string>;

/** A line that whoever reads the file would refuse, too. Names the line, never a value. */
export class EnvFileFault extends Error {}

const spaces = /[\t\v\f\r \u0085\u00a0]/;

/**
 * Reads a `.env` file as docker compose does (compose-go's `dotenv` and `template`).
 *
 * `NAME=value` or `NAME: value`, perhaps after `export`. Without quotes the value ends at ` #` or at the end of its line and
 * variables in it are replaced; between `'` it is taken as it is; between `"` it knows `\n`, `\t`, `\"` and such, and
 * variables are replaced. Quoted values may go over lines. A name without a value is taken from the shell of whoever runs
 * compose, which nobody knows here: it is left out.
 */
export function parseComposeEnv(text: string): ComposeEnv {
  const values: ComposeEnv = new Map();
  const source = text.replace(/^\ufeff/, "");
  let at = 0;
  const line = () => source.slice(0, at).split("\n").length;
  const fault = (what: string) => new EnvFileFault(`line ${line()}: ${what}`);

  for (;;) {
    while (at < source.length && /\s/.test(source[at]!)) at++;
    if (at >= source.length) return values;
    if (source[at] === "#") {
      at = endOfLine(source, at);
      continue;
    }
    // Alone on its line, `export` is a name without a value.
    const exported = /^export[^\S\n]+(?=\S)/.exec(source.slice(at));
    if (exported !== null) at += exported[0].length;

    const name = /^([\p{L}\p{N}_.[\]\t\v\f\r \u0085\u00a0-]*)([=:\n]|$)/u.exec(source.slice(at));
    const key = name?.[1]!.trimEnd();
    if (name?.[2] === "") return values;
    if (name === null || key === undefined || key.includes(" "))
      throw fault("must be NAME=value, of letters, digits, _, . and -");
    at += name[0].length;
    if (name[2] === "\n") continue;

    while (at < source.length && spaces.test(source[at]!)) at++;
    const quote = source[at];
    if (quote !== "'" && quote !== '"') {
      const end = endOfLine(source, at);
      const value = source.slice(at, end).split(" #", 1)[0]!;
      values.set(key, expand(value.trimEnd(), values, fault));
      at = end;
      continue;
    }
    const quoted = readQuoted(source, at, quote);
    if (quoted === undefined) throw fault(`must end with the quote ${quote} that it begins with`);
    values.set(key, quote === "'" ? quoted.value : expand(unescape(quoted.value), values, fault));
    at = quoted.end;
  }
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf("\n", from);
  return end < 0 ? source.length : end;
}

/** A backslash before the quote keeps it from ending the value and is dropped; before anything else it stays. */
function readQuoted(
  source: string,
  start: number,
  quote: string,
): { value: string; end: number } | undefined {
  let value = "";
  for (let i = start + 1; i < source.length; i++) {
    const char = source[i]!;
    if (char === "\\" && i + 1 < source.length) {
      const next = source[++i]!;
      value += next === quote ? next : char + next;
    } else if (char === quote) {
      return { value, end: i + 1 };
    } else {
      value += char;
    }
  }
  return undefined;
}

const escapes: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  // A dollar sign that stands for itself is written twice for the replacement that follows.
  $: "$$",
  '"': '"',
  "\\": "\\",
};

/** Octal ones have a zero and three digits, and lose the zero where they are none. `\c` is known, and stays. */
function unescape(value: string): string {
  return value.replace(/\\(?:([abcfnrtv$"\\])|0([0-9]{0,3}))/g, (all, known?: string, digits = "") => {
    if (known !== undefined) return escapes[known] ?? all;
    const code = /^[0-7]{3}$/.test(digits as string) ? parseInt(digits as string, 8) : 256;
    return code > 255 ? `\\${digits}` : String.fromCharCode(code);
  });
}

/** `$NAME`, `${NAME}`, `${NAME:-default}`, `:?` and `:+`, each also without the colon; `$$` is a dollar sign. */
function expand(value: string, known: ComposeEnv, fault: (what: string) => Error): string {
  let result = "";
  for (let i = 0; i < value.length; i++) {
    if (value[i] !== "$") {
      result += value[i];
      continue;
    }
    const rest = value.slice(i + 1);
    const plain = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest);
    if (rest.startsWith("$")) {
      result += "$";
      i += 1;
    } else if (plain !== null) {
      result += known.get(plain[0]) ?? "";
      i += plain[0].length;
    } else if (rest.startsWith("{")) {
      const end = closingBrace(rest);
      const inside = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([\s\S]*))?$/.exec(
        rest.slice(1, Math.max(end, 1)),
      );
      if (end < 0 || inside === null) throw fault("must hold a complete ${NAME}");
      result += substitute(inside[1]!, inside[2], inside[3] ?? "", known, fault);
      i += end + 1;
    } else {
      result += "$";
    }
  }
  return result;
}

function substitute(
  name: string,
  operator: string | undefined,
  word: string,
  known: ComposeEnv,
  fault: (what: string) => Error,
): string {
  const value = known.get(name);
  const given = operator?.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  switch (operator?.at(-1)) {
    case "-":
      return given ? value! : expand(word, known, fault);
    case "+":
      return given ? expand(word, known, fault) : "";
    case "?":
      if (!given) throw fault(`must have a value for \${${name}}, which it asks for`);
      return value!;
    default:
      return value ?? "";
  }
}

function closingBrace(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  return -1;
}
