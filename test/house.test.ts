import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  arrowsOf,
  circles,
  forbidden,
  longFiles,
  longFunctions,
  roomOf,
  sourcesOf,
  undocumented,
} from "./house";

const root = join(__dirname, "..");

/** What each room may import of the others, types included: CONTRIBUTING.md shows it as a map. */
const plan = {
  settings: ["inventory"],
  inventory: ["settings"],
  terminal: ["settings"],
  engine: ["terminal"],
  preflight: ["settings", "inventory", "engine"],
  workspace: ["settings", "inventory", "terminal", "engine"],
  components: ["settings", "inventory", "engine", "workspace"],
  machine: ["terminal", "engine"],
  commands: ["settings", "inventory", "terminal", "engine", "preflight", "workspace", "machine"],
  scripts: ["workspace"],
  "index.ts": ["settings", "inventory", "preflight", "components"],
} as const satisfies Record<string, readonly string[]>;

/** Rooms without processes, sockets and a client of Pulumi's: whoever asks them gets an answer at once. */
const pure = ["settings", "inventory"];
const impure =
  /^(?!import \{ isIP(v4|v6)? \}).* from "(node:)?(child_process|net|http|https|tls|dns)(\/promises)?"/m;

const sources = sourcesOf(root, Object.keys(plan));
const arrows = arrowsOf(sources);

describe("the house", () => {
  it("is read whole", () => {
    expect(sources.size).toBeGreaterThan(300);
    expect([...arrows.values()].flat().length).toBeGreaterThan(800);
  });

  it("has no arrow from a room to one that it may not know", () => {
    expect(forbidden(arrows, plan)).toEqual([]);
  });

  it("has no arrow in its plan that nobody goes", () => {
    const gone = new Set(
      [...arrows].flatMap(([from, targets]) => targets.map((to) => `${roomOf(from)} -> ${roomOf(to)}`)),
    );
    const planned = Object.entries(plan).flatMap(([from, rooms]) => rooms.map((to) => `${from} -> ${to}`));
    expect(planned.filter((arrow) => !gone.has(arrow))).toEqual([]);
  });

  it("starts no process and asks no network where it is pure", () => {
    const asking = [...sources].filter(([path, text]) => pure.includes(roomOf(path)) && impure.test(text));
    expect(asking.map(([path]) => path)).toEqual([]);
  });

  it("has no circle of files, types included", () => {
    expect(circles(arrows)).toEqual([]);
  });

  it("has no file of more than 300 lines of code", () => {
    expect(longFiles(sources, 300)).toEqual([]);
  });

  it("has no function of more than 80 lines of code", () => {
    expect(longFunctions(sources, 80)).toEqual([]);
  });

  it("says of every argument of a component what it is, and what holds without it", () => {
    const components = new Map([...sources].filter(([path]) => roomOf(path) === "components"));
    expect(undocumented(components)).toEqual([]);
  });
});

describe("a made-up house", () => {
  const built = (files: Record<string, string>) => new Map(Object.entries(files));

  it.each([
    ['import { b } from "../commands/b";'],
    ['import type { B } from "../commands/b";'],
    ['export * from "../commands/b";'],
    ['type B = import("../commands/b").B;'],
    ['const b = () => import("../commands/b");'],
    ['const b = require("../commands/b") as { b: 1 };'],
    ['import {\n  type A,\n  b,\n} from "../commands/b.ts";'],
  ])("has an arrow by %j", (text) => {
    const files = built({ "inventory/a.ts": text, "commands/b.ts": "export const b = 1;" });
    expect(forbidden(arrowsOf(files), { inventory: ["settings"] })).toEqual([
      "inventory/a.ts -> commands/b.ts",
    ]);
    expect(forbidden(arrowsOf(files), { inventory: ["commands"] })).toEqual([]);
  });

  it("may know all of its own room, and a room's index by the room's name", () => {
    const files = built({
      "commands/a.ts": 'import "./b/c"; import "../inventory"; import "node:fs"; import "zod";',
      "commands/b/c.ts": "",
      "inventory/index.ts": "",
    });
    expect(arrowsOf(files).get("commands/a.ts")).toEqual(["commands/b/c.ts", "inventory/index.ts"]);
    expect(forbidden(arrowsOf(files), {})).toEqual(["commands/a.ts -> inventory/index.ts"]);
  });

  it("has its circles found by the shortest way, each once, those of types as well", () => {
    const files = built({
      "a.ts": 'import type { B } from "./b";',
      "b.ts": 'import type { C } from "./c"; import "./d";',
      "c.ts": 'import "./a";',
      "d.ts": "",
      "e.ts": 'import "./a"; import "./e";',
    });
    expect(circles(arrowsOf(files))).toEqual(["a.ts -> b.ts -> c.ts -> a.ts", "e.ts -> e.ts"]);
  });

  it("has its lines of code counted, and neither comments nor blank lines", () => {
    const text =
      '/** One.\n * Two. */\nconst a = `\n\n`;\n\n// three\nconst b = 2; // four\n/* five */ const c = "";\n';
    expect(longFiles(built({ "a.ts": text }), 4)).toEqual(["a.ts: 5 lines"]);
    expect(longFiles(built({ "a.ts": text }), 5)).toEqual([]);
  });

  it("has its long functions found, whatever they are", () => {
    const body = "{\n one();\n // no line\n two();\n}";
    const files = built({
      "a.ts": `function plain() ${body}\nconst arrow = () => ${body};\nclass A { method() ${body}\nconstructor() ${body} }\ncall(() => ${body});`,
    });
    expect(longFunctions(files, 4)).toEqual([]);
    expect(longFunctions(files, 3)).toEqual([
      "a.ts: plain: 4 lines",
      "a.ts: arrow: 4 lines",
      "a.ts: method: 4 lines",
      "a.ts: constructor: 4 lines",
      "a.ts: function of line 21: 4 lines",
    ]);
  });

  it("has the arguments found that say nothing of themselves", () => {
    const text =
      "interface AArgs {\n/** One. */\na: 1;\nb: 2;\n/** Three. */\nc?: 3;\n/** Four. @default 4 */\nd?: 4;\n}\ninterface Other {\na: 1;\n}";
    expect(undocumented(built({ "a.ts": text }))).toEqual([
      "a.ts: AArgs.b: has no comment",
      "a.ts: AArgs.c: has no @default",
    ]);
  });
});
