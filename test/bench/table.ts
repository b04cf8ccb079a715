/** What one round of one side took. */
export interface Measured {
  /** What was run: the rounds of the same words make one row. */
  what: string;
  seconds: number;
  /** The row it is held against. @default nothing, so that it has no ratio */
  against?: string;
  /** `docker run`s. @default not counted */
  throwAways?: number;
  /** Peak memory of the program's Node process. @default not measured */
  peakMiB?: number;
}

/** Of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("median: needs a value (got none)");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + sorted[middle]!) / 2 : sorted[Math.floor(middle)]!;
}

/** The table of all rounds, as Markdown: a row for each thing that was run, in the order of their first rounds. */
export function tableOf(all: readonly Measured[]): string {
  const rows = [...new Set(all.map(({ what }) => what))].map((what) => rowOf(what, all));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join(" | ")} |`;
  const rule = widths.map((width, n) => (n === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

const head = [
  "what",
  "rounds",
  "median",
  "min",
  "max",
  "ratio",
  "throw-away containers",
  "peak memory",
] as const;

function rowOf(what: string, all: readonly Measured[]): string[] {
  const rounds = all.filter((one) => one.what === what);
  const seconds = rounds.map((one) => one.seconds);
  const against = rounds[0]!.against;
  const other = all.filter((one) => one.what === against).map((one) => one.seconds);
  const highest = (values: (number | undefined)[], unit: string) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? "" : `${Math.max(...known)}${unit}`;
  };
  return [
    what,
    String(rounds.length),
    inSeconds(median(seconds)),
    inSeconds(Math.min(...seconds)),
    inSeconds(Math.max(...seconds)),
    other.length === 0 ? "" : `${(median(seconds) / median(other)).toFixed(2)} ×`,
    highest(
      rounds.map((one) => one.throwAways),
      "",
    ),
    highest(
      rounds.map((one) => one.peakMiB),
      " MiB",
    ),
  ];
}

const inSeconds = (value: number) => `${value.toFixed(2)} s`;
