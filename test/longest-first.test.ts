import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { TestSpecification, Vitest } from "vitest/node";
import { LongestFirst } from "./longest-first.mjs";

const root = join(__dirname, "..");
const durations = JSON.parse(readFileSync(join(__dirname, "durations.json"), "utf8")) as Record<
  string,
  number
>;
const names = Object.keys(durations).sort((a, b) => durations[b]! - durations[a]!);

it("durations.json knows files that are there", () => {
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !existsSync(join(root, name)))).toEqual([]);
});

it("the files that take longest begin first, after those that nobody has measured, layer by layer", async () => {
  const [longest, shortest] = [names[0]!, names.at(-1)!];
  const file = (layer: string, name: string) =>
    ({
      moduleId: join(root, name),
      project: { name: layer, config: { sequence: { groupOrder: 0 }, isolate: true } },
    }) as unknown as TestSpecification;
  const given = [
    file("b", shortest),
    file("b", "test/new.int.test.ts"),
    file("a", shortest),
    file("a", longest),
  ];
  const cache = { getTestSpecificationResult: () => ({ duration: 1, failed: false }) };
  const sorted = await new LongestFirst({ cache, config: { root } } as unknown as Vitest).sort(given);
  expect(sorted).toEqual([given[3], given[2], given[1], given[0]]);
});
