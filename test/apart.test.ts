import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { prefixes } from "./integration/prefixes";

/** Test files that share the engine, with what each says. */
const files = readdirSync(__dirname, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(int|deep)\.test\.ts$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(__dirname, name), "utf8") }));

/** Each of what a pattern finds that stands in several files, with these. */
function shared(pattern: RegExp): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const { name, text } of files) {
    for (const found of new Set(text.match(pattern))) places.set(found, [...(places.get(found) ?? []), name]);
  }
  return new Map([...places].filter(([, names]) => names.length > 1));
}

it("test files that run side by side have ports of their own", () => {
  expect(files.length).toBeGreaterThan(15);
  expect(shared(/\b(1[4-9]|2\d|3[0-2])\d{3}\b/g)).toEqual(new Map([["27017", expect.anything()]]));
});

it("every prefix of the tests is known to the one who sweeps up after a killed run, and is one file's", () => {
  const declared = /(?<=\bprefix(?:: | = |", )")it[a-z]*-/g;
  const found = files.flatMap(({ text }) => text.match(declared) ?? []);
  expect(found.length).toBeGreaterThan(12);
  expect(found.filter((prefix) => !prefixes.includes(prefix))).toEqual([]);
  expect(shared(declared)).toEqual(new Map());
});
