// Has the compiler judge answers: each becomes a literal of the type that is published for it, which may have no key too many either.
import { dirname, join } from "node:path";
import ts from "typescript";

export interface Given {
  /** `GET /api/v1/rooms.info`, with the names of the path's parts. */
  endpoint: string;
  body: unknown;
}

/** What is wrong with answers: a text for each that is; an endpoint that nothing is published of is a fault. */
export function faultsOf(answers: readonly Given[]): string[] {
  const source = [...answers.map(declarationOf), `import type { Answer } from "./answers";`].join("\n");
  const path = join(__dirname, "judged.ts");
  const program = programOf(path, source);
  const file = program.getSourceFile(path);
  const faults = answers.map((): string[] => []);
  for (const { start, messageText } of program.getSemanticDiagnostics(file)) {
    const { line } = ts.getLineAndCharacterOfPosition(file as ts.SourceFile, start ?? 0);
    const fault = ts.flattenDiagnosticMessageText(messageText, " ");
    // The import, on the last line.
    if (faults[line] === undefined) throw new Error(fault);
    faults[line].push(fault);
  }
  return answers.flatMap(({ endpoint }, line) => {
    const found = faults[line] ?? [];
    return found.length > 0 ? [`${endpoint}: ${found.join("; ")}`] : [];
  });
}

/** One line for each. */
function declarationOf({ endpoint, body }: Given, index: number): string {
  const [method, path] = endpoint.split(" ");
  const type = [path?.replace(/^\/api/, ""), method].map((name) => JSON.stringify(name)).join(", ");
  return `export const answer${index}: Answer<${type}> = ${JSON.stringify(body)};`;
}

/** The project of this directory, with one file that is on no disk. */
function programOf(path: string, source: string): ts.Program {
  const config = join(__dirname, "tsconfig.json");
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, (file) => ts.sys.readFile(file)).config,
    ts.sys,
    dirname(config),
  );
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    getSourceFile: (name, ...rest) =>
      name === path
        ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022)
        : disk.getSourceFile(name, ...rest),
    fileExists: (name) => name === path || disk.fileExists(name),
  };
  return ts.createProgram([path, join(__dirname, "apps-engine.d.ts")], options, host);
}
