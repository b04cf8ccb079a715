import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { stateDirectory } from "../terminal/paths";
import { step } from "../terminal/steps";

// Three bytes each and more of them than one read takes, so that some are cut in two.
const text = "€".repeat(100_000);
const saidOn = (stream: string) => ["-e", `process.${stream}.write("€".repeat(${text.length}))`];
const log = join(stateDirectory, "logs", "steps-test.log");

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(log, { force: true });
});

it("a step's answer and its log hold every character whole, from either stream", async () => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const run = { title: "trying", log: "steps-test", fix: "mend it", command: "node" };

  expect(await step({ ...run, args: saidOn("stdout") })).toBe(text);
  expect(readFileSync(log, "utf8")).toBe(text);
  await step({ ...run, args: saidOn("stderr") });
  expect(readFileSync(log, "utf8")).toBe(text);
});
