import { cpus, loadavg } from "node:os";
import { endAll } from "./run";
import { type Measured, tableOf } from "./table";

/** One round of one side. */
export type Round = () => Promise<Measured[]>;

/** What is set up for a bench, and goes with it. */
export interface Removable {
  remove(): Promise<void> | void;
}

/**
 * Runs the rounds of all sides, one after the other and in turns, so that what else the machine does meets them alike, and prints the
 * table. Everything is removed at the end, however it comes.
 * @param parts What is removed then, the last one first.
 * @param prepare What comes before the first round, and is not measured. @returns the sides
 */
export async function bench(parts: Removable[], prepare: () => Promise<Round[]>): Promise<void> {
  const rounds = Number(process.argv[2] ?? "5");
  let removal: Promise<void> | undefined;
  const remove = () => (removal ??= removeAll(parts));
  let interrupted = false;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (interrupted) return;
      interrupted = true;
      console.error("▸ interrupted; removing what was made …");
      void endAll()
        .then(remove)
        .catch(console.error)
        .finally(() => process.exit(130));
    });
  }
  try {
    const load = loadOf();
    const all: Measured[] = [];
    const sides = await prepare();
    for (let round = 1; round <= rounds; round++) {
      for (const side of sides) {
        const measured = await side();
        for (const { what, seconds } of measured)
          console.error(`  round ${round} of ${rounds}: ${seconds.toFixed(2)} s  ${what}`);
        all.push(...measured);
      }
    }
    console.log(`\n${tableOf(all)}\n\n${cpus().length} processors; load ${load} before, ${loadOf()} after`);
  } catch (error) {
    if (!interrupted) console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
  await remove();
}

async function removeAll(parts: Removable[]): Promise<void> {
  for (const part of [...parts].reverse()) await part.remove();
}

/** How many processes wanted a processor in the last minute, on average. */
const loadOf = () => loadavg()[0]!.toFixed(1);
