import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = join(__dirname, "..");
const table = JSON.parse(readFileSync(join(root, "commands/options.json"), "utf8")) as Record<
  string,
  string[]
>;
/** `npm run up -- --refresh` is in the handbook, and Pulumi's to read. */
const handedOn = ["up --refresh"];

/** Options that a command reads: those that it declares, and those that it compares its arguments with, or has compared for it. */
function optionsOf(command: string): string[] {
  const text = readFileSync(join(root, "commands", `${command}.ts`), "utf8");
  const options: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === "options") {
      if (ts.isObjectLiteralExpression(node.initializer))
        options.push(...node.initializer.properties.map(({ name }) => (name as ts.StringLiteral).text));
    }
    if (ts.isStringLiteral(node) && /^--[a-z-]+=?/.test(node.text) && isCompared(node))
      options.push(/^--([a-z-]+)/.exec(node.text)![1]!);
    if (ts.isCallExpression(node) && node.expression.getText() === "takeYesDns") options.push("yes-dns");
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile(command, text, ts.ScriptTarget.Latest, true));
  return options;
}

/** `arg === "--x"`, `args.includes("--x")`, `args.indexOf("--x")` and `["--x", …].includes(arg)`. */
function isCompared(node: ts.StringLiteral): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) return true;
  if (ts.isArrayLiteralExpression(parent))
    return ts.isPropertyAccessExpression(parent.parent) && /\.(includes|some)$/.test(parent.parent.getText());
  return ts.isCallExpression(parent) && /\.(includes|indexOf|startsWith)$/.test(parent.expression.getText());
}

/** npm takes them for itself, and hands them on as they are. */
const npmsOwn = ["yes", "prefix"];
const commands = readdirSync(join(root, "commands")).flatMap((file) => /^(.*)\.ts$/.exec(file)?.[1] ?? []);
const read = commands.flatMap((command) =>
  [...new Set(["stack", ...optionsOf(command)])]
    .filter((option) => !npmsOwn.includes(option))
    .map((option): [string, string] => [command, option]),
);

/** The launcher with its commands, and nothing that they could work with: what it does not refuse ends there. */
const launcher = mkdtempSync(join(tmpdir(), "rocketchat-options-"));
beforeAll(() => {
  for (const part of ["commands", "package.json"])
    cpSync(join(root, part), join(launcher, part), { recursive: true });
  mkdirSync(join(launcher, "node_modules"));
  writeFileSync(join(launcher, "package-lock.json"), "{}");
  const lock = createHash("sha256").update("{}").digest("hex");
  writeFileSync(join(launcher, "node_modules", ".rocketchat-lock"), lock);
});
afterAll(() => rmSync(launcher, { recursive: true }));

it("the launcher's table has what the commands read, and nothing else", () => {
  const listed = Object.entries(table).flatMap(([command, options]) =>
    options.map((option) => `${command} --${option}`),
  );
  const own = commands.flatMap((command) =>
    [...new Set(optionsOf(command))].map((option) => `${command} --${option}`),
  );
  expect(listed.sort()).toEqual([...own, ...handedOn].sort());
});

it("what npm is configured with for itself is no option of a command, also where the command gives it to a tool", () => {
  const kept = {
    npm_config_force: "true",
    npm_config_diff: "x",
    npm_config_shell: "zsh",
    npm_config_version: "true",
  };
  for (const command of commands) {
    const run = spawnSync(process.execPath, [join(launcher, "commands/run.mjs"), command], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...kept },
    });
    expect(run.stderr).not.toContain("must have --");
  }
});

it("every option that a command reads is refused where npm has kept it for itself", () => {
  expect(read.length).toBeGreaterThan(commands.length + 20);
  const lost = read.filter(([command, option]) => {
    const env = { PATH: process.env["PATH"], [`npm_config_${option.replaceAll("-", "_")}`]: "1/7" };
    const { stderr } = spawnSync(process.execPath, [join(launcher, "commands/run.mjs"), command], {
      encoding: "utf8",
      env,
    });
    return !stderr.includes(`must have -- before the options of a command (got --${option}=1/7 without it)`);
  });
  expect(lost).toEqual([]);
});
