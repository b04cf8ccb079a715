import { spawn } from "node:child_process";
import { withoutSecrets } from "../../settings/child-environment";
import { projectRoot } from "./paths";
import { shownStream } from "./shown";
import type { ToolRun } from "./steps";

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
    child.on("close", (code) => resolve({ status: code ?? 1, text }));
  });
}
