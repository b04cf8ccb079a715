import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Node, plain } from "./graph";
import { sourcesOf } from "./house";
import { programWith } from "./program";
import { type Call, callsInSources, headerOf, readsOf, scriptsOf } from "./script-headers";
import { variedStacks } from "./stacks";

const scripts = scriptsOf("host", "mongo", "rocketchat", "test-ca");
const headerIn = (script: string) => headerOf(scripts.get(script.replace(/^ops\//, "scripts/")) ?? "");

/** What is wrong with what a script gets. */
function faultsOf({ at, script, passed, given, unknown }: Call): string[] {
  const header = headerIn(script);
  const names = header.map(({ name }) => name);
  const needed = header.flatMap(({ name, optional }) => (optional ? [] : [name]));
  return [
    ...(scripts.has(script.replace(/^ops\//, "scripts/")) ? [] : [`${at}: ${script}: is not there`]),
    ...(unknown ? [`${at}: ${script}: what it gets must be told by its type`] : []),
    ...passed
      .filter((name) => !names.includes(name))
      .map((name) => `${at}: ${script}: does not declare ${name}`),
    ...needed
      .filter((name) => ![...passed, ...given].includes(name))
      .map((name) => `${at}: ${script}: is not given ${name}`),
  ];
}

/** What a step's texts start, with the variables that each gets. */
function callsOf(node: Node): Call[] {
  const {
    create = "",
    delete: undo = "",
    environment = {},
  } = plain(node.inputs) as {
    create?: string;
    delete?: string;
    environment?: Record<string, string>;
  };
  // The hash is for Pulumi, which sees a change by it.
  const all = Object.keys(environment).filter((name) => name !== "SCRIPT_SHA256");
  const passed = environment["PASS"]?.split(" ").filter((name) => name !== "") ?? [];
  const given = environment["OWNER_IMAGE"] === undefined ? [] : ["OWNER"];
  const at = `the step ${node.name}`;
  return [create, undo].flatMap((text) => {
    const started = [...text.matchAll(/\b(?:sh|node) (\S+)((?: [^ |]+)*)/g)];
    const own = started.map(([, script = ""]) => script);
    // Each of them sees all; what is meant for another is that one's to declare.
    const declared = own.flatMap((script) => headerIn(script).map(({ name }) => name));
    return started.flatMap(([, script = "", rest = ""]): Call[] => {
      const inner = rest.trim().split(" ").at(-1);
      const isUndo = script.endsWith("/undo.sh");
      const mine = headerIn(script).map(({ name }) => name);
      const outer = {
        at,
        script,
        passed: all.filter((name) => mine.includes(name) || ![...declared, ...passed].includes(name)),
        given: all,
        unknown: false,
      };
      if (!inner) return [outer];
      const target = {
        at,
        script: inner,
        passed: isUndo ? [] : passed,
        given: [...given, ...passed],
        unknown: false,
      };
      return isUndo ? [target] : [outer, target];
    });
  });
}

it("every script declares what it reads, and reads what it declares", () => {
  expect(scripts.size).toBeGreaterThan(55);
  // What a machine or a container has of itself.
  const everywhere = ["HOME", "HOSTNAME", "PATH", "TMPDIR"];
  const faults = [...scripts].flatMap(([path, text]) => {
    const header = headerOf(text);
    const code = text.replace(/^\s*(#|\/\/).*$/gm, "");
    const undeclared = readsOf(path, text).filter(
      (name) => !everywhere.includes(name) && !header.some((declared) => declared.name === name),
    );
    // docker reads its own.
    const unread = header.filter(
      ({ name, elsewhere }) =>
        !elsewhere && name !== "DOCKER_HOST" && !new RegExp(`\\b${name}\\b`).test(code),
    );
    return [
      ...[...new Set(undeclared)].map((name) => `${path}: does not declare ${name}`),
      ...unread.map(({ name }) => `${path}: does not read ${name}`),
    ];
  });
  expect(faults).toEqual([]);
});

it.each(variedStacks())(
  "every step of %s gives its script what that one declares",
  async (_name, config, secrets) => {
    const graph = await programWith(config, secrets);
    const calls = graph.filter(({ type }) => type === "command:local:Command").flatMap(callsOf);
    expect(calls.length).toBeGreaterThan(15);
    expect(calls.flatMap(faultsOf)).toEqual([]);
  },
);

describe("the sources", () => {
  const calls = callsInSources();

  it("give every script what it declares", () => {
    expect(calls.length).toBeGreaterThan(70);
    expect(calls.flatMap(faultsOf)).toEqual([]);
  });

  it("name no script that is called in another way", () => {
    const rooms = ["preflight", "workspace", "machine", "commands", "engine"];
    const named = [...sourcesOf(join(__dirname, ".."), rooms)].flatMap(([path, text]) =>
      [...text.matchAll(/"(scripts\/(?:host|mongo|rocketchat|test-ca)\/[^"]+)"/g)].map(
        ([, script]) => `${path} ${script}`,
      ),
    );
    const called = calls.map(({ at, script }) => `${at.split(":")[0]} ${script}`);
    const others = [...new Set(named)].filter((one) => !called.includes(one));
    expect(others.filter((one) => !one.startsWith("commands/drift/expected-files.ts "))).toEqual([
      // A mail's program is made of it.
      "commands/mail/dialogue.ts scripts/rocketchat/mail.js",
      // What goes before the worker's scripts.
      "commands/restore/worker.ts scripts/host/restore/waiting.sh",
      // What calls the others.
      "engine/script-call.ts scripts/host/helper.sh",
      "engine/script-call.ts scripts/host/exec-script.sh",
    ]);
  });
});

describe("a header", () => {
  it.each([
    ["#   FILE  absolute path", [["FILE", false]]],
    [
      "#!/bin/sh\n# Does it.\n#\n#   usage  x.sh\n#   DIRECTORY, NAME  of the file",
      [
        ["DIRECTORY", false],
        ["NAME", false],
      ],
    ],
    [
      "//   MEMBER (host:port), ADMIN (of it)\n//   standard input: {}",
      [
        ["MEMBER", false],
        ["ADMIN", false],
      ],
    ],
    [
      "//   READS_OPLOG (true|false), SITE   what",
      [
        ["READS_OPLOG", false],
        ["SITE", false],
      ],
    ],
    ["#   OWNER  optional: of the file", [["OWNER", true]]],
    ["#   OWNER  of the file, which is optional", [["OWNER", false]]],
    ["#   ACTION  look\n#           AFTER it", [["ACTION", false]]],
    ["# FILE  is no declaration\nset -eu\n#   FILE  absolute path", []],
  ])("%j declares %j", (text, declared) => {
    expect(headerOf(text).map(({ name, optional }) => [name, optional])).toEqual(declared);
  });

  it("is what a script reads, but what it sets itself", () => {
    expect(readsOf("a.sh", 'A=1\n# $NONE\necho "$A_B ${C_D:-x} $A"\n')).toEqual(["A_B", "C_D"]);
    expect(readsOf("a.js", 'const { A_B, C_D = "6" } = process.env;\nuse(process.env.E);\n').sort()).toEqual([
      "A_B",
      "C_D",
      "E",
    ]);
  });
});
