import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.mjs";

export default defineConfig({
  test: {
    // Two lanes end together if what is left for the end is short.
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.int.test.ts", "test/**/*.deep.test.ts", "test/**/*.fault.test.ts"],
          // The SDKs take a second to load: once for a worker's files, not once for each.
          isolate: false,
          // Those that start a program wait for a processor where others work.
          testTimeout: 30_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "integration",
          include: ["test/**/*.int.test.ts"],
          globalSetup: "test/integration/sweep.ts",
          // They share one engine, and have prefixes and ports of their own.
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "deep",
          include: ["test/deep/**/*.deep.test.ts"],
          globalSetup: ["test/integration/sweep.ts", "test/integration/ssh-directory.ts"],
          // As above: two at a time.
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.fault.test.ts"],
          globalSetup: "test/integration/sweep.ts",
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
