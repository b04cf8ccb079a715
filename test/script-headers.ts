// What scripts say of their variables in their headers, and what callers pass. For script-headers.test.ts.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { sourcesOf } from "./house";

const root = join(__dirname, "..");

/** A variable as a script's header declares it. */
export interface Declared {
  name: string;
  /** Its line says so. */
  optional: boolean;
  /** Its line says that another script reads it, or none. */
  elsewhere: boolean;
}

const word = String.raw`[A-Z][A-Z0-9_]+(?: \([^)]*\))?`;
const declaration = new RegExp(String.raw`^(?:#|//) {2,4}(${word}(?:, ${word})*)(?: +(.*))?$`);

/**
 * What the first comment of a script declares: a line is `NAME, OTHER (note)  what it is`, two to four blanks after the mark of a comment;
 * `optional:` begins what may be left out.
 */
export function headerOf(text: string): Declared[] {
  const declared: Declared[] = [];
  for (const line of text.split("\n")) {
    if (!/^(#|\/\/)/.test(line)) break;
    const [, names, means = ""] = declaration.exec(line) ?? [];
    for (const name of names?.replace(/ \([^)]*\)/g, "").split(", ") ?? [])
      declared.push({
        name,
        optional: means.startsWith("optional:"),
        elsewhere: /\b(see|as for|as in|not read)\b/.test(means),
      });
  }
  return declared;
}

/** What a script reads of its environment and does not set itself. */
export function readsOf(path: string, text: string): string[] {
  const code = text.replace(/^\s*(#|\/\/).*$/gm, "");
  const names = (pattern: RegExp) => [...code.matchAll(pattern)].map(([, name]) => name!);
  if (!path.endsWith(".sh"))
    return [
      ...names(/process\.env\.([A-Z0-9_]+)/g),
      ...[...code.matchAll(/const \{([^}]*)\} = process\.env;/g)].flatMap(([, list]) =>
        [...list!.matchAll(/([A-Z][A-Z0-9_]+)(?: = "[^"]*")?/g)].map(([, name]) => name!),
      ),
    ];
  const set = new Set(names(/(?:^|[\s;(])([A-Z][A-Z0-9_]+)=/gm));
  return names(/\$\{?([A-Z][A-Z0-9_]+)/g).filter((name) => !set.has(name));
}

/** The scripts of these directories of `scripts/`, by their paths. */
export function scriptsOf(...directories: string[]): Map<string, string> {
  const paths = directories.flatMap((directory) =>
    readdirSync(join(root, "scripts", directory), { recursive: true, encoding: "utf8" }).map(
      (file) => `scripts/${directory}/${file}`,
    ),
  );
  const files = paths.filter((path) => /\.(sh|m?js)$/.test(path)).sort();
  return new Map(files.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

export interface Call {
  /** File and line. */
  at: string;
  script: string;
  passed: string[];
  /** What it gets besides, by the way on which it runs. */
  given: string[];
  /** Names cannot be told, such as those of a `Record<string, string>`. */
  unknown: boolean;
}

const rooms = [
  "settings",
  "inventory",
  "terminal",
  "engine",
  "preflight",
  "workspace",
  "machine",
  "commands",
];

/**
 * Calls in the sources: of whatever takes `script` and `variables`, objects with both, and functions that read a script and run it with
 * `--env=NAME=…`. The compiler tells the names.
 */
export function callsInSources(): Call[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2022.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  // What packages say is none of it.
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) =>
      text.startsWith(".") ? ts.resolveModuleName(text, from, options, host) : { resolvedModule: undefined },
    );
  const files = [...sourcesOf(root, rooms)]
    .filter(([path, text]) => path.endsWith(".ts") && text.includes("scripts/"))
    .map(([path]) => join(root, path));
  const program = ts.createProgram(files, options, host);
  return files.flatMap((file) => callsIn(program.getSourceFile(file)!, program.getTypeChecker()));
}

function callsIn(source: ts.SourceFile, checker: ts.TypeChecker): Call[] {
  const found: Call[] = [];
  const add = (node: ts.Node, script: ts.Expression, names: Omit<Call, "at" | "script">) => {
    const type = checker.getTypeAtLocation(script);
    if (!type.isStringLiteral() || !type.value.startsWith("scripts/")) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push({ at: `${source.fileName.slice(root.length + 1)}:${line + 1}`, script: type.value, ...names });
  };
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [script, variables, options] = argumentsOf(node, checker);
      const given = givenBy(node, options, checker);
      if (script !== undefined) add(node, script, { ...namesOf(variables, checker), given });
    }
    if (ts.isObjectLiteralExpression(node)) {
      const [script, variables] = [valueOf(node, "script"), valueOf(node, "variables")];
      if (script !== undefined && variables !== undefined)
        add(node, script, { ...namesOf(variables, checker), given: [] });
    }
    if (ts.isStringLiteral(node)) {
      const reading = readingOf(node);
      const passed = [...(reading?.getText(source).matchAll(/--env=([A-Z0-9_]+)=/g) ?? [])].map(
        ([, name]) => name!,
      );
      if (reading !== undefined) add(node, node, { passed, given: [], unknown: false });
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

/** `script`, `variables` and `options`, as what is called names them; nothing where it takes no script and variables. */
function argumentsOf(call: ts.CallExpression, checker: ts.TypeChecker): (ts.Expression | undefined)[] {
  // Asking the compiler of every call would take most of the time.
  if (!call.arguments.some((one) => /^("scripts\/|script$)/.test(one.getText()))) return [];
  const names = checker.getResolvedSignature(call)?.parameters.map(({ name }) => name) ?? [];
  if (!names.includes("script") || !names.includes("variables")) return [];
  return ["script", "variables", "options"].map((name) => call.arguments[names.indexOf(name)]);
}

function valueOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const one of object.properties)
    if (ts.isPropertyAssignment(one) && one.name.getText() === name) return one.initializer;
  return undefined;
}

/** The engine by the client, an owner by helper.sh, and who asks by what reads the repository. */
function givenBy(
  call: ts.CallExpression,
  options: ts.Expression | undefined,
  checker: ts.TypeChecker,
): string[] {
  const owned =
    options !== undefined && checker.getPropertyOfType(checker.getTypeAtLocation(options), "owner");
  const method = ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : "";
  return ["DOCKER_HOST", ...(owned ? ["OWNER"] : []), ...(method === "withRepository" ? ["WHO"] : [])];
}

/** The function around a script's path that is read there, not handed to another. */
function readingOf(path: ts.Node): ts.Node | undefined {
  const call = ts.findAncestor(path, ts.isCallExpression);
  const outer = call && ts.isCallExpression(call.parent) ? call.parent : call;
  if (outer === undefined || !/^(readFileSync|source)\(/.test(outer.getText())) return undefined;
  return ts.findAncestor(path, (node) => ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node));
}

function namesOf(
  variables: ts.Expression | undefined,
  checker: ts.TypeChecker,
): Pick<Call, "passed" | "unknown"> {
  if (variables === undefined) return { passed: [], unknown: false };
  const type = checker.getTypeAtLocation(variables);
  const properties = checker.getPropertiesOfType(type);
  return {
    passed: properties.map(({ name }) => name),
    unknown:
      (type.flags & ts.TypeFlags.Any) !== 0 ||
      checker.getIndexInfosOfType(type).length > 0 ||
      properties.some(({ flags }) => (flags & ts.SymbolFlags.Optional) !== 0),
  };
}
