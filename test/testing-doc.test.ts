import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const file = "docs/testing.md";
const text = readFileSync(join(__dirname, "..", file), "utf8");
/** The rows that name a test: `| promise | tests | layers |`. */
const rows = text.split("\n").flatMap((line) => {
  if (!line.startsWith("|") || !line.includes(".test.ts`")) return [];
  const [, promise = "", tests = "", layers = ""] = line.split("|");
  return [{ promise: promise.trim(), tests, layers: layers.trim() }];
});

const layerOf = (name: string) =>
  /\.(int|deep|fault)\.test\.ts$/.exec(name)?.[1]?.replace("int", "integration").replace("fault", "faults") ??
  "unit";

/** The tests of a cell: a file's name, and the titles that follow it. */
function named(tests: string): { name: string; titles: string[] }[] {
  return tests
    .split("`")
    .flatMap((part, i, parts) =>
      i % 2 === 1
        ? [{ name: part, titles: [...parts[i + 1]!.matchAll(/"([^"]+)"/g)].map(([, title]) => title!) }]
        : [],
    );
}

/** A title is the first argument of a call, in whichever quotes. */
function hasTitle(source: string, title: string): boolean {
  const literal = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\(\\s*(["'\`])${literal}\\1,`).test(source);
}

const sources = new Map<string, string>();
/** With what it imports from beside it: two files may have the same tests in two places. */
function sourceOf(name: string): string {
  if (!sources.has(name)) {
    const own = textOf(name);
    const beside = [...own.matchAll(/ from "\.\/([\w-]+)";/g)].map(([, file]) =>
      textOf(join(name, "..", `${file}.ts`)),
    );
    sources.set(name, [own, ...beside].join("\n"));
  }
  return sources.get(name)!;
}

function textOf(name: string): string {
  const path = join(__dirname, name);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

it("docs/testing.md names tests that are there, each with its layers", () => {
  expect(rows.length).toBeGreaterThan(100);
  const wrong = rows.flatMap(({ promise, tests, layers }) => {
    const found = named(tests);
    const missing = found.flatMap(({ name, titles }) => {
      const source = sourceOf(name);
      if (textOf(name) === "") return [`no file test/${name}`];
      if (titles.length === 0 && /^ *(it|describe)[.(]/m.test(source)) return [`no title after ${name}`];
      return titles.filter((title) => !hasTitle(source, title)).map((title) => `no "${title}" in ${name}`);
    });
    const order = ["unit", "integration", "deep", "faults"];
    const wanted = order.filter((layer) => found.some(({ name }) => layerOf(name) === layer)).join(", ");
    if (layers !== wanted) missing.push(`its layers are ${wanted} (got ${layers})`);
    return missing.map((fault) => `${promise}: ${fault}`);
  });
  expect(wrong).toEqual([]);
});
