// npm run check: types, lint, format, shell scripts and unit tests, two of them at a time. What one says comes when it
// has ended: all of it where something is to mend, otherwise its last line.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { given } from "./stack/arguments";
import { stateDirectory } from "../terminal/paths";
import { capture, main, OperatorError, say, step } from "../terminal/steps";

/** Three times as fast as the 6 that Pulumi and the linter load, for which 7 is too new. */
const typescript = "node_modules/typescript-7/bin/tsc";

main(async (args) => {
  given("check", args);
  await ensureShellcheck();
  const scripts = (
    await capture({
      command: "git",
      args: ["ls-files", "-co", "--exclude-standard", "*.sh", ".ci/run", "scripts/ssh/ssh"],
    })
  ).stdout;
  const shell = scripts.trim().split("\n").filter(existsSync);
  // Those that take longest begin first.
  const checks: Check[] = [
    // Rocket.Chat's own typings take longer than all else together.
    ["published types", typescript, ["-p", "test/published", ...incremental("published")]],
    ["unit tests", process.execPath, ["commands/run.mjs", "test", "unit"]],
    ["lint", "node_modules/.bin/eslint", ["."]],
    ["format", "node_modules/.bin/prettier", ["--check", "--log-level", "warn", "."]],
    ["types", typescript, incremental("types")],
    ["bash scripts", "shellcheck", ["--shell=bash", ...shell.filter(usesBash)]],
    ["shell scripts", "shellcheck", ["--shell=sh", ...shell.filter((file) => !usesBash(file))]],
  ];
  const waiting = [...checks];
  const failed: string[] = [];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      if (!(await isInOrder(next))) failed.push(next[0]);
  };
  say(`▸ ${checks.map(([title]) => title).join(", ")} …`);
  await Promise.all([lane(), lane()]);
  say(failed.length === 0 ? "everything is in order" : `to mend: ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
});

type Check = [title: string, command: string, args: string[]];

async function isInOrder([title, command, args]: Check): Promise<boolean> {
  const started = Date.now();
  const { status, stdout, stderr } = await capture({ command, args });
  say(`▸ ${title}: ${status === 0 ? "in order" : "to mend"}, ${Math.ceil((Date.now() - started) / 1000)} s`);
  const said = (status === 0 ? stdout.trim().split("\n").slice(-1) : `${stdout}${stderr}`.split("\n")).filter(
    Boolean,
  );
  for (const line of said) say(`  ${line}`);
  return status === 0;
}

/** What was found in order the last time is not looked at again. */
function incremental(name: string): string[] {
  return ["--incremental", "--tsBuildInfoFile", join(stateDirectory, `${name}.tsbuildinfo`)];
}

/** The lab, the findings and CI run on the operator's machine, in bash, and backups in MongoDB's image, which has it; the rest is POSIX sh. */
function usesBash(file: string): boolean {
  return ["lab/", "findings/", ".ci/", "scripts/backup/"].some((room) => file.startsWith(room));
}

async function ensureShellcheck(): Promise<void> {
  if ((await capture({ command: "shellcheck", args: ["--version"] })).status === 0) return;
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) {
    throw new OperatorError(
      "shellcheck: must be on the PATH (got none); install it with your system's package manager",
    );
  }
  await step({
    title: "installing shellcheck",
    log: "shellcheck-install",
    command: "sh",
    args: ["-c", "apt-get update -qq && apt-get install -y -qq shellcheck"],
    fix: "see that Debian's packages can be reached, then run the command again",
  });
}
