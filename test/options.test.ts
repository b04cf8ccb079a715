import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import declared from "../commands/declared.json";

const root = join(__dirname, "..");
const commands = readdirSync(join(root, "commands")).flatMap((file) => /^(.*)\.ts$/.exec(file)?.[1] ?? []);
const options = Object.entries(declared).flatMap(([command, one]) =>
  ["stack", ...Object.keys(one.options)].map((option): [string, string] => [command, option]),
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

function launch(command: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [join(launcher, "commands/run.mjs"), command, ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...env },
  });
}

it("every command is declared, and is one of package.json", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(Object.keys(declared).sort()).toEqual([...commands].sort());
  for (const command of commands)
    expect(scripts[command.replace("-", ":")]).toBe(`node commands/run.mjs ${command}`);
});

it("every command reads its arguments as it declares them, and every option of its own", () => {
  const unread = commands.flatMap((command) => {
    const text = readFileSync(join(root, "commands", `${command}.ts`), "utf8");
    const own = declared[command as keyof typeof declared].options;
    const mine = Object.entries<{ what: string; handedOn?: boolean }>(own).flatMap(([name, { handedOn }]) =>
      handedOn ? [] : [name],
    );
    // Those of adopt are read one room further, all but one.
    const more = command === "adopt" ? readFileSync(join(root, "commands/adopt/adopt.ts"), "utf8") : "";
    const isRead = (name: string) =>
      new RegExp(`options(\\.${name}\\b|\\["${name}"\\])|\\{[^}]*\\b${name}\\b[^}]*\\} = options`).test(
        text + more,
      );
    return [
      ...(text.includes(`given("${command}", args)`) ? [] : [command]),
      ...mine.filter((name) => !isRead(name)).map((name) => `${command} --${name}`),
    ];
  });
  expect(unread).toEqual([]);
});

it("every command says what it is for and what it takes, without packages, engine and stack", () => {
  for (const command of commands) {
    const one = declared[command as keyof typeof declared];
    const { status, stdout, stderr } = launch(command, ["--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(one.what);
    for (const name of Object.keys(one.options)) expect(stdout).toMatch(new RegExp(`^  --${name}\\b`, "m"));
    for (const line of Object.keys(one.examples)) expect(stdout).toContain(`  ${line} `);
  }
  // What is Pulumi's to say is left to Pulumi.
  expect(launch("pulumi", ["up", "--help"]).status).not.toBe(0);
});

it("every example gives options that the command has", () => {
  const wrong = Object.entries(declared).flatMap(([command, one]) =>
    Object.keys(one.examples).flatMap((line) => {
      const given = line.split(" -- ")[1]?.match(/(?<=--)[a-z-]+/g) ?? [];
      return given
        .filter((name) => name !== "stack" && !Object.keys(one.options).includes(name) && !("handsOn" in one))
        .map((name) => `${command} --${name}`);
    }),
  );
  expect(wrong).toEqual([]);
});

it("docs/commands.md says of every command what is declared", () => {
  const made = spawnSync(process.execPath, ["commands/help.mjs"], { cwd: root, encoding: "utf8" });
  expect(readFileSync(join(root, "docs/commands.md"), "utf8")).toBe(made.stdout);
});

it("what npm is configured with for itself is no option of a command, also where the command gives it to a tool", () => {
  const kept = {
    npm_config_force: "true",
    npm_config_diff: "x",
    npm_config_shell: "zsh",
    npm_config_version: "true",
  };
  for (const command of commands) expect(launch(command, [], kept).stderr).not.toContain("must have --");
});

it("every option that a command reads is refused where npm has kept it for itself", () => {
  // npm takes them for itself, and hands them on as they are.
  const asked = options.filter(([, option]) => !["yes", "prefix"].includes(option));
  expect(asked.length).toBeGreaterThan(commands.length + 20);
  const lost = asked.filter(([command, option]) => {
    const { stderr } = launch(command, [], { [`npm_config_${option.replaceAll("-", "_")}`]: "1/7" });
    return !stderr.includes(`must have -- before the options of a command (got --${option}=1/7 without it)`);
  });
  expect(lost).toEqual([]);
});
