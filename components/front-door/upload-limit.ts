import type { ByteSize } from "../../settings/units";

/** Room for what a client sends around a file in one request: boundaries, headers, the text that goes with it. */
const aroundFile = 64 * 1024;

/**
 * What makes Traefik refuse a file that is too large with 413 before a byte of it is read.
 *
 * Its `buffering` middleware refuses a length that is announced at once, but keeps every other body whole before it sends it
 * on: so only the requests that it refuses go through it. A body without a length, and one over the limit by less than what
 * stands around a file, goes on to Rocket.Chat, which counts for itself.
 */
export function uploadLimit(maxUpload: ByteSize): { rule: string; middleware: object } {
  const limit = maxUpload.toBytes() + aroundFile;
  return {
    rule: `HeaderRegexp(\`Content-Type\`, \`(?i)^multipart/form-data\`) && HeaderRegexp(\`Content-Length\`, \`^(${numberAbove(limit)})$\`)`,
    middleware: { buffering: { maxRequestBodyBytes: limit } },
  };
}

/** A regular expression for the whole numbers above another one, written without leading zeros. */
export function numberAbove(limit: number): string {
  const digits = String(limit);
  const larger = [...digits].flatMap((digit, i) => {
    if (digit === "9") return [];
    const rest = digits.length - i - 1;
    return [`${digits.slice(0, i)}[${Number(digit) + 1}-9]${rest === 0 ? "" : `[0-9]{${rest}}`}`];
  });
  return [...larger, `[1-9][0-9]{${digits.length},}`].join("|");
}
