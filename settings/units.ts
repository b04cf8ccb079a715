const SECONDS_PER: Record<string, number> = {
  s: 1,
  second: 1,
  seconds: 1,
  m: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
};

const BYTES_PER: Record<string, number> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** `1`, `30`, `1.5`; never a sign, an exponent or a bare point. */
const NUMBER = "[0-9]+(?:\\.[0-9]+)?";

/**
 * A span of time of whole seconds.
 *
 * Nothing is ever rounded: what is no whole number of seconds is refused with a RangeError whose message
 * starts with `must`.
 */
export class Duration {
  private constructor(private readonly whole: number) {}

  static seconds(n: number): Duration {
    return new Duration(wholeOr(n, DURATION_RULE));
  }

  static minutes(n: number): Duration {
    return Duration.seconds(n * 60);
  }

  /** Reads `10 seconds`, `30s`, `1.5 minutes`, `1m30s`, `1 hour 30 minutes`: larger units first, each once. */
  static parse(text: string): Duration {
    const part = `(${NUMBER}) ?(h|hours?|m|minutes?|s|seconds?)`;
    if (!new RegExp(`^${part}(?: ?${part})*$`).test(text)) throw new RangeError(DURATION_RULE);
    let last = Infinity;
    let total = 0n;
    for (const [, number = "", unit = ""] of text.matchAll(new RegExp(part, "g"))) {
      const seconds = SECONDS_PER[unit] ?? NaN;
      if (!(seconds < last)) throw new RangeError(DURATION_RULE);
      last = seconds;
      total += exactProduct(number, seconds, DURATION_RULE);
    }
    return Duration.seconds(Number(total));
  }

  toSeconds(): number {
    return this.whole;
  }

  /** As Go prints it, which is how Docker reads it back: `30s`, `1m0s`, `1h0m0s`. */
  toDocker(): string {
    const hours = Math.floor(this.whole / 3600);
    const minutes = Math.floor((this.whole % 3600) / 60);
    const seconds = this.whole % 60;
    if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
    return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
  }

  /** For people: `30 seconds`, `1 minute`, `1 minute 30 seconds`. */
  toString(): string {
    const parts: [number, string][] = [
      [Math.floor(this.whole / 3600), "hour"],
      [Math.floor((this.whole % 3600) / 60), "minute"],
      [this.whole % 60, "second"],
    ];
    const named = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`);
    return named.join(" ") || "0 seconds";
  }
}

/**
 * A size of whole bytes. `kB`, `MB`, `GB` count in thousands, `KiB`, `MiB`, `GiB` in 1024s.
 *
 * Nothing is ever rounded: what cannot be had exactly is refused with a RangeError whose message starts with
 * `must`.
 */
export class ByteSize {
  private constructor(private readonly whole: number) {}

  static bytes(n: number): ByteSize {
    return new ByteSize(wholeOr(n, SIZE_RULE));
  }

  static mebibytes(n: number): ByteSize {
    return ByteSize.bytes(n * 1024 ** 2);
  }

  /** Reads `512 MiB`, `1.5 GiB`, `100 MB`; the unit is never left out. */
  static parse(text: string): ByteSize {
    const [, number = "", unit = ""] = new RegExp(`^(${NUMBER}) ?([A-Za-z]+)$`).exec(text) ?? [];
    const bytes = Object.hasOwn(BYTES_PER, unit) ? BYTES_PER[unit] : undefined;
    if (bytes === undefined) throw new RangeError(SIZE_RULE);
    return ByteSize.bytes(Number(exactProduct(number, bytes, SIZE_RULE)));
  }

  toBytes(): number {
    return this.whole;
  }

  /** For `mongod --oplogSize`, which counts whole MiB. */
  toMebibytes(): number {
    if (this.whole % 1024 ** 2 !== 0) throw new RangeError("must be a whole number of MiB");
    return this.whole / 1024 ** 2;
  }

  /** For `mongod --wiredTigerCacheSizeGB`, which takes decimals. Exact: a division by a power of two. */
  toGibibytes(): number {
    return this.whole / 1024 ** 3;
  }

  /** In the largest unit that gives a whole number: `512 MiB`, `100 MB`, `1536 MiB`. */
  toString(): string {
    const units = Object.entries(BYTES_PER).sort(([, a], [, b]) => b - a);
    const [unit, bytes] = units.find(([, n]) => this.whole >= n && this.whole % n === 0) ?? ["B", 1];
    return `${this.whole / bytes} ${unit}`;
  }
}

const DURATION_RULE = 'must be a duration of whole seconds such as "30 seconds", "2 minutes" or "1m30s"';
const SIZE_RULE = 'must be a size of whole bytes such as "512 MiB" or "2 GiB"';

function wholeOr(n: number, rule: string): number {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(rule);
  return n;
}

/** A decimal text times a whole number, in integers so that no float rounds it. */
function exactProduct(decimal: string, factor: number, rule: string): bigint {
  const [whole = "", fraction = ""] = decimal.split(".");
  const scale = 10n ** BigInt(fraction.length);
  const product = BigInt(whole + fraction) * BigInt(factor);
  if (product % scale !== 0n) throw new RangeError(rule);
  return product / scale;
}
