import { spawn } from "node:child_process";
import { projectRoot } from "./paths";
import type { ToolRun } from "./steps";

export interface Transcript {
  status: number;
  /** Both streams, in the order in which they came. */
  text: string;
}

/** Runs a tool, shows its output as it comes and keeps it. */
export function transcript(run: ToolRun): Promise<Transcript> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, {
      env: run.env ?? process.env,
      cwd: run.cwd ?? projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        process[stream].write(chunk);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ status: code ?? 1, text }));
  });
}
