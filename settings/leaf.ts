import { z } from "zod";
import { ImageRef } from "./image";
import { isDirectory } from "./names";
import { ByteSize, Duration } from "./units";

/**
 * One key's value: how it is read from configuration, and an example for the line that tells how to set it.
 *
 * A reader takes the raw value (string, number, boolean) and throws a RangeError whose message is the rule,
 * starting with `must`. The key, the value and the fix are added where all faults are collected.
 */
export type Leaf<T> = z.ZodType<T>;

/** A key's value that `read` makes of what the operator gave. */
export function leaf<T>(example: string, read: (raw: unknown) => T): Leaf<T> {
  const reader = z.unknown().transform((raw, context): T => {
    try {
      return read(raw);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
  return reader.meta({ example });
}

/** The example of a leaf, also when it is wrapped in a default. */
export function exampleOf(type: z.ZodType): string {
  if (type instanceof z.ZodDefault || type instanceof z.ZodOptional)
    return exampleOf(type.unwrap() as z.ZodType);
  const example = type.meta()?.["example"];
  return typeof example === "string" ? example : "";
}

/** The example as a value: a flag or a number where that is what the key takes. */
export function exampleValueOf(type: z.ZodType): unknown {
  const example = exampleOf(type);
  return type.safeParse(example).success ? example : (JSON.parse(example) as unknown);
}

export function text(example: string, rule: string, good: (text: string) => boolean): Leaf<string> {
  return leaf(example, (raw) => {
    const value = asText(raw);
    if (value === undefined || !good(value)) throw new RangeError(rule);
    return value;
  });
}

/**
 * A text that YAML or `pulumi config set --path` made a number or a truth value of, as it was written; undefined where that cannot be
 * told, as of `1.10`, or where it is none.
 */
export function asText(raw: unknown): string | undefined {
  if (typeof raw === "string") return raw;
  return Number.isSafeInteger(raw) || typeof raw === "boolean" ? String(raw) : undefined;
}

/** A number, also one that is a text, as `pulumi config set --path` leaves every one with a point. */
export function asNumber(raw: unknown): number | undefined {
  if (typeof raw === "string" && /^(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?$/.test(raw)) return Number(raw);
  return typeof raw === "number" ? raw : undefined;
}

export function oneOf<T extends string>(...words: [T, ...T[]]): Leaf<T> {
  return leaf(words[0], (raw) => {
    const word = words.find((known) => known === asText(raw));
    if (word === undefined) throw new RangeError(`must be ${words.join(" or ")}`);
    return word;
  });
}

export function flag(example: boolean): Leaf<boolean> {
  return leaf(String(example), (raw) => {
    if (typeof raw !== "boolean") throw new RangeError("must be true or false");
    return raw;
  });
}

export function wholeNumber(example: number, min: number, max: number): Leaf<number> {
  return leaf(String(example), (raw) => {
    if (!Number.isInteger(raw) || Number(raw) < min || Number(raw) > max) {
      throw new RangeError(`must be a whole number from ${min} to ${max}`);
    }
    return Number(raw);
  });
}

export function cpuCount(example: number): Leaf<number> {
  return leaf(String(example), (raw) => {
    const value = asNumber(raw);
    if (
      value === undefined ||
      value < 0.01 ||
      value > 1024 ||
      !/^[0-9]+(\.[0-9]{1,2})?$/.test(String(value))
    ) {
      throw new RangeError("must be a number of CPUs from 0.01 to 1024 with at most two decimals");
    }
    return value;
  });
}

export function duration(example: string, min: string, max: string): Leaf<Duration> {
  return leaf(example, (raw) => {
    const value = Duration.parse(typeof raw === "string" ? raw : "");
    const [least, most] = [Duration.parse(min), Duration.parse(max)];
    if (value.toSeconds() < least.toSeconds() || value.toSeconds() > most.toSeconds()) {
      throw new RangeError(`must be from ${min} to ${max}`);
    }
    return value;
  });
}

export function byteSize(example: string, min: string, max?: string): Leaf<ByteSize> {
  return leaf(example, (raw) => {
    const value = ByteSize.parse(typeof raw === "string" ? raw : "");
    if (value.toBytes() < ByteSize.parse(min).toBytes()) throw new RangeError(`must be at least ${min}`);
    if (max !== undefined && value.toBytes() > ByteSize.parse(max).toBytes()) {
      throw new RangeError(`must be at most ${max}`);
    }
    return value;
  });
}

/** A size that is passed on in MiB. */
export function wholeMebibytes(example: string, min: string, max?: string): Leaf<ByteSize> {
  const size = byteSize(example, min, max);
  return leaf(example, (raw) => {
    const { data, error } = size.safeParse(raw);
    if (data === undefined) throw new RangeError(error?.issues[0]?.message);
    data.toMebibytes();
    return data;
  });
}

export function image(example: string): Leaf<string> {
  return leaf(example, (raw) => ImageRef.parse(typeof raw === "string" ? raw : "").toString());
}

export function directory(example: string): Leaf<string> {
  return text(
    example,
    `must be an absolute path of at least two levels such as ${example}, of letters, digits, ".", "_" and "-"`,
    isDirectory,
  );
}

/**
 * Entries by names that the operator gives.
 * @param name What a name must be.
 */
export function named<T>(name: Leaf<string>, entry: z.ZodType<T>): z.ZodType<Record<string, T>> {
  return z.record(name as unknown as z.ZodType<string, string>, entry);
}

/** The name of a Docker network. */
export function networkName(example: string): Leaf<string> {
  return text(example, 'must be the name of a Docker network: letters, digits, ".", "_" and "-"', (value) =>
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(value),
  );
}

/** Words with blanks between them. */
export function listOf(example: string, rule: string, good: (word: string) => boolean): Leaf<string[]> {
  return leaf(example, (raw) => {
    const words = asText(raw)?.split(/ +/) ?? [];
    if (words.length === 0 || !words.every(good)) throw new RangeError(rule);
    return words;
  });
}
