// npm run bench -- WHAT [--rounds N]: measures what something takes on this machine, and prints a table. See docs/performance.md.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { engineEnvironment } from "../machine/engine-environment";
import { interactive, main, OperatorError } from "../terminal/steps";
import { given } from "./stack/arguments";

const benches = ["first-deploy", "no-change", "preview", "redeploy", "status", "backup", "restore"];

main(async (args) => {
  const { words, options } = given("bench", args);
  const [what = "nothing"] = words;
  const script = join("test", "bench", `${what}.ts`);
  if (!benches.includes(what) || !existsSync(script))
    throw new OperatorError(
      `npm run bench: is followed by ${benches.slice(0, -1).join(", ")} or ${benches.at(-1)} (got ${what}); name one: npm run bench -- ${benches[0]}`,
    );
  const rounds = options.rounds ?? "5";
  if (!/^[1-9][0-9]{0,2}$/.test(rounds))
    throw new OperatorError(`--rounds: must be a number from 1 to 999 (got ${rounds}); correct it`);
  return interactive({
    command: process.execPath,
    args: ["--require", "tsx/cjs", script, rounds],
    env: await engineEnvironment(),
  });
});
