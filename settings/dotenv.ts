/**
 * The file that `node --env-file` reads.
 *
 * The format knows no escapes: what stands between two like quotes is the value, line ends included, apart
 * from the two characters `\n` in double quotes, which become a newline. A carriage return is lost in any
 * quotes. So a value cannot be written when it holds all three of `'`, backtick and `"`, or when it needs the
 * double quotes and holds `\n`, or when it holds a carriage return, a zero byte or half a surrogate pair.
 */
export function quoteEnvValue(value: string): string {
  const quote = quoteFor(value);
  if (quote === undefined) {
    throw new RangeError(
      `environment value: must be one that an environment file can hold (got ${value.length} characters that cannot be quoted); leave out carriage returns and one of ', \` and "`,
    );
  }
  return quote + value + quote;
}

export function canQuoteEnvValue(value: string): boolean {
  return quoteFor(value) !== undefined;
}

/** One `NAME='value'` a line, sorted by name. Throws a RangeError that names the entry, never its value. */
export function renderEnvFile(entries: Record<string, string>): string {
  const lines = Object.keys(entries)
    .sort()
    .map((name) => {
      if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
        throw new RangeError(
          `environment name: must be letters, digits, "_" and "-" (got "${name}"); rename the variable`,
        );
      }
      return `${name}=${quoteEnvValue(entries[name] ?? "")}\n`;
    });
  return lines.join("");
}

function quoteFor(value: string): string | undefined {
  const wellFormed = Buffer.from(value).toString() === value;
  if (!wellFormed || /[\r\0]/.test(value)) return undefined;
  const quotes = value.includes("\\n") ? ["'", "`"] : ["'", "`", '"'];
  return quotes.find((quote) => !value.includes(quote));
}
