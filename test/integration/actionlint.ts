import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../terminal/paths";

const version = "1.7.7";

/** The actionlint of the PATH, or one that is built from its Go module into the cache; undefined where there is no Go either. */
export function actionlint(): string | undefined {
  if (runs("actionlint", "-version")) return "actionlint";
  const directory = join(cacheDirectory, `actionlint-${version}`);
  const program = join(directory, "actionlint");
  if (existsSync(program)) return program;
  if (!runs("go", "version")) return undefined;
  mkdirSync(directory, { recursive: true });
  execFileSync("go", ["install", `github.com/rhysd/actionlint/cmd/actionlint@v${version}`], {
    env: { ...process.env, GOBIN: directory, GOFLAGS: "", CGO_ENABLED: "0" },
  });
  return program;
}

function runs(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
