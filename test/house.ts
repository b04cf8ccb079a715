// How the house is built: who imports whom, and how long files and functions are. Read from the sources, for house.test.ts.
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";

/** Sources by their paths below the project's directory. */
export type Sources = ReadonlyMap<string, string>;

/** What each file imports of the others, types included. */
export type Arrows = ReadonlyMap<string, string[]>;

/** The sources of rooms, and files of their own. */
export function sourcesOf(root: string, places: string[]): Sources {
  const paths = places.flatMap((place) =>
    /\.\w+$/.test(place)
      ? [place]
      : readdirSync(posix.join(root, place), { recursive: true, encoding: "utf8" }).map(
          (file) => `${place}/${file}`,
        ),
  );
  const code = paths.filter((path) => /\.m?[jt]s$/.test(path) && !path.includes("node_modules/"));
  return new Map(code.sort().map((path) => [path, readFileSync(posix.join(root, path), "utf8")]));
}

export function arrowsOf(sources: Sources): Arrows {
  return new Map(
    [...sources].map(([path, text]) => {
      const named = specifiersOf(path, text).filter((name) => name.startsWith("."));
      const targets = named.map((name) => fileOf(posix.join(posix.dirname(path), name), sources));
      return [path, [...new Set(targets.filter((target) => target !== undefined))].sort()];
    }),
  );
}

function fileOf(path: string, sources: Sources): string | undefined {
  return ["", ".ts", ".mts", ".js", ".mjs", "/index.ts"]
    .map((end) => `${path}${end}`)
    .find((candidate) => sources.has(candidate));
}

/** Of imports and exports, of `import()` in code and in types, and of `require`. */
function specifiersOf(path: string, text: string): string[] {
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    const named =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : ts.isCallExpression(node) && isImport(node.expression)
            ? node.arguments[0]
            : undefined;
    if (named !== undefined && ts.isStringLiteralLike(named)) found.push(named.text);
    ts.forEachChild(node, look);
  };
  look(parsed(path, text));
  return found;
}

function isImport(called: ts.Expression): boolean {
  return (
    called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require")
  );
}

function parsed(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** A file's room: its first directory, or the file itself where it lies in none. */
export function roomOf(path: string): string {
  return path.split("/")[0]!;
}

/** Arrows from one room to another that the plan does not have. */
export function forbidden(arrows: Arrows, plan: Readonly<Record<string, readonly string[]>>): string[] {
  return [...arrows].flatMap(([from, targets]) =>
    targets
      .filter((to) => roomOf(to) !== roomOf(from) && !plan[roomOf(from)]?.includes(roomOf(to)))
      .map((to) => `${from} -> ${to}`),
  );
}

/** One circle of each group of files that reach one another. */
export function circles(arrows: Arrows): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (const start of arrows.keys()) {
    if (seen.has(start)) continue;
    const way = wayBack(start, arrows);
    for (const file of way ?? []) seen.add(file);
    if (way !== undefined) found.push([...way, start].join(" -> "));
  }
  return found;
}

/** The shortest way from a file to itself. */
function wayBack(start: string, arrows: Arrows): string[] | undefined {
  const ways: string[][] = [[start]];
  const met = new Set<string>();
  for (const way of ways) {
    for (const next of arrows.get(way.at(-1)!) ?? []) {
      if (next === start) return way;
      if (met.has(next)) continue;
      met.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

export interface Long {
  what: string;
  lines: number;
}

/** Files with more lines of code than that: blank lines and comments are none. */
export function longFiles(sources: Sources, limit: number): string[] {
  return [...sources]
    .map(([path, text]): Long => ({ what: path, lines: linesOfCode(parsed(path, text)) }))
    .filter(({ lines }) => lines > limit)
    .map(({ what, lines }) => `${what}: ${lines} lines`);
}

/** Functions with more lines of code than that, such as a method, a constructor or what is given to another function. */
export function longFunctions(sources: Sources, limit: number): string[] {
  const found: string[] = [];
  for (const [path, text] of sources) {
    const look = (node: ts.Node): void => {
      if (ts.isFunctionLike(node)) {
        const lines = linesOfCode(node);
        if (lines > limit) found.push(`${path}: ${nameOf(node)}: ${lines} lines`);
      }
      ts.forEachChild(node, look);
    };
    look(parsed(path, text));
  }
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  if (named !== undefined) return named.getText();
  const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
  return `function of line ${line + 1}`;
}

/** Arguments of components (interfaces `…Args`) that say nothing of themselves, or may be left out and do not say what holds then. */
export function undocumented(sources: Sources): string[] {
  return [...sources].flatMap(([path, text]) =>
    parsed(path, text).statements.flatMap((statement) => {
      if (!ts.isInterfaceDeclaration(statement) || !statement.name.text.endsWith("Args")) return [];
      return statement.members.flatMap((member) => {
        const said = ts.getJSDocCommentsAndTags(member).map((comment) => comment.getText());
        const name = `${path}: ${statement.name.text}.${member.name?.getText()}`;
        if (said.length === 0) return [`${name}: has no comment`];
        const mayGo = member.questionToken !== undefined && !said.some((one) => one.includes("@default"));
        return mayGo ? [`${name}: has no @default`] : [];
      });
    }),
  );
}

/** Lines that a token stands on. */
function linesOfCode(node: ts.Node): number {
  const file = node.getSourceFile();
  const lines = new Set<number>();
  const look = (part: ts.Node): void => {
    const children = part.getChildren(file).filter((child) => !ts.isJSDoc(child));
    if (children.length > 0) return children.forEach(look);
    if (part.getWidth(file) === 0) return;
    const [first, last] = [part.getStart(file), part.getEnd()].map(
      (at) => file.getLineAndCharacterOfPosition(at).line,
    );
    for (let line = first!; line <= last!; line++) lines.add(line);
  };
  look(node);
  return lines.size;
}
