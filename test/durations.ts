import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with what each file took, its hooks included, in the form of `durations.json`. */
export default class Durations implements Reporter {
  onTestRunEnd(files: readonly TestModule[]): void {
    const seconds = files.map((file) => [file.relativeModuleId, file.diagnostic().duration / 1000] as const);
    const rows = [...seconds]
      .sort(([, a], [, b]) => b - a)
      .map(([name, took]) => `  "${name}": ${Math.ceil(took)}`);
    console.log(`seconds of each file, for test/durations.json:\n${rows.join(",\n")}`);
  }
}
