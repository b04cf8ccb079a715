import { spawn } from "node:child_process";
import { withoutSecrets } from "../../terminal/child-environment";
import { projectRoot } from "../../terminal/paths";
import { shownStream } from "../../terminal/shown";
import type { Stack } from "./stack";
import type { ToolRun } from "../../terminal/steps";

export interface Transcript {
  status: number;
  /** Both streams, in the order in which they came, without control characters and known secrets. */
  text: string;
}

/** Runs a tool, shows its output line by line and keeps it. */
export function transcript(run: ToolRun): Promise<Transcript> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, {
      env: run.env ?? withoutSecrets(),
      cwd: run.cwd ?? projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    // The terminal sends Ctrl-C to both; the tool decides how it ends.
    const ignore = () => undefined;
    process.on("SIGINT", ignore);
    let text = "";
    for (const stream of ["stdout", "stderr"] as const) {
      const said = shownStream();
      const show = (lines: string) => {
        text += lines;
        process[stream].write(lines);
      };
      child[stream].setEncoding("utf8").on("data", (chunk: string) => show(said.write(chunk)));
      child[stream].on("end", () => show(said.end()));
    }
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("SIGINT", ignore);
      resolve({ status: code ?? 1, text });
    });
  });
}

/** Runs a pulumi command that asks nothing, with its output in plain text. */
export function pulumi(stack: Stack, ...args: string[]): Promise<Transcript> {
  return transcript({
    command: "pulumi",
    args: [...args, "--non-interactive", "--color", "never", ...stack.configArgs],
    env: stack.env,
  });
}
