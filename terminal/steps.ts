import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Readable } from "node:stream";
import { withoutSecrets } from "./child-environment";
import { projectRoot, stateDirectory } from "./paths";
import { shown, shownStream } from "./shown";

/** Something the operator can mend. Its message is shown as it is, without a stack. */
export class OperatorError extends Error {}

/**
 * Says something to the operator. On standard error, so that a command's answer on standard output stays alone. Without control characters
 * and known secrets, since what tools and servers said is in it.
 */
export function say(line = ""): void {
  process.stderr.write(`${shown(line)}\n`);
}

/** A command's answer, on standard output; otherwise as `say`. */
export function tell(text: string): void {
  process.stdout.write(`${shown(text)}\n`);
}

export interface ToolRun {
  command: string;
  args: string[];
  /** @default this process's environment without what its name says is a secret */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Standard input, where secrets travel. @default none */
  input?: string;
  /** It is ended after that, as one that failed: `capture` alone. @default none */
  limitMs?: number;
}

export interface Step extends ToolRun {
  /** What it does, such as "installing Docker". */
  title: string;
  /** Roughly how long, such as "about 1 minute". */
  about?: string;
  /** Name of the log file below `.state/logs`. */
  log: string;
  /** What to do when it fails. */
  fix: string;
  /** Lines on standard error are the tool's own progress: show them. @default false */
  progress?: boolean;
}

/**
 * Runs a tool for the operator: says what it does, how long it takes and that it is still at work, and keeps its output in
 * a log file, without control characters and known secrets. Answers the tool's standard output as it is.
 * @throws OperatorError that names the log and the fix.
 */
export async function step(step: Step): Promise<string> {
  const started = Date.now();
  const logFile = join(stateDirectory, "logs", `${step.log}.log`);
  mkdirSync(join(stateDirectory, "logs"), { recursive: true });
  const log = createWriteStream(logFile, { mode: 0o600 });
  if (!step.progress) say(`▸ ${step.title}${step.about ? `, ${step.about}` : ""} …`);
  const ticking = setInterval(() => say(`  … ${step.title}: ${seconds(started)}`), 30_000);

  const child = spawn(step.command, step.args, {
    env: step.env ?? withoutSecrets(),
    cwd: step.cwd ?? projectRoot,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  const said = [shownStream(), shownStream()] as const;
  readText(child.stdout, (text) => {
    stdout += text;
    log.write(said[0].write(text));
  });
  const progress = (text: string) => {
    if (step.progress) process.stderr.write(text);
    log.write(text);
  };
  readText(child.stderr, (text) => progress(said[1].write(text)));
  const status = await new Promise<number | string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? signal ?? "ended"));
  });
  clearInterval(ticking);
  log.write(said[0].end());
  progress(said[1].end());
  await new Promise((resolve) => log.end(resolve));

  if (status !== 0) {
    const tail = readFileSync(logFile, "utf8").trim().split("\n").slice(-15).join("\n");
    throw new OperatorError(
      `${tail}\n${step.title}: failed (${status}), its whole output is in ${relative(projectRoot, logFile)}; ${step.fix}`,
    );
  }
  if (!step.progress) say(`  done in ${seconds(started)}`);
  return stdout;
}

/** Runs a tool with the operator's terminal. Answers its exit status. */
export function interactive(run: ToolRun): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.command, run.args, {
      env: run.env ?? withoutSecrets(),
      cwd: run.cwd ?? projectRoot,
      stdio: "inherit",
    });
    // The terminal sends Ctrl-C to both; the tool decides how it ends.
    const ignore = () => undefined;
    process.on("SIGINT", ignore);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

export interface Captured {
  status: number;
  stdout: string;
  stderr: string;
  /** Why there is no answer of its own: it was not done in time, or there is no such tool. */
  without?: "late" | "missing";
}

/** Runs a tool quietly. */
export function capture(run: ToolRun): Promise<Captured> {
  return new Promise((resolve) => {
    const child = spawn(run.command, run.args, {
      env: run.env ?? withoutSecrets(),
      cwd: run.cwd ?? projectRoot,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let late = false;
    const end = () => {
      late = true;
      child.kill();
      // What it started may hold them for longer.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const limit = run.limitMs === undefined ? undefined : setTimeout(end, run.limitMs);
    child.stdin.on("error", () => undefined); // it ended without reading; its status says why
    child.stdin.end(run.input ?? "");
    let stdout = "";
    let stderr = "";
    readText(child.stdout, (text) => (stdout += text));
    readText(child.stderr, (text) => (stderr += text));
    const answer = (captured: Captured) => {
      clearTimeout(limit);
      resolve(captured);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT" && { without: "missing" as const };
      answer({ status: 127, stdout, stderr: error.message, ...missing });
    });
    child.on("close", (code) => {
      answer({ status: late ? code || 1 : (code ?? 1), stdout, stderr, ...(late && { without: "late" }) });
    });
  });
}

/** A character that a pipe cut in two comes whole. */
function readText(stream: Readable, take: (text: string) => void): void {
  stream.setEncoding("utf8").on("data", take);
}

/** Runs a command of this project, and ends the process with its status. */
export function main(command: (args: string[]) => Promise<number>): void {
  command(process.argv.slice(2)).then(
    (status) => process.exit(status),
    (error: unknown) => {
      say(faultOf(error));
      process.exit(1);
    },
  );
}

/** What is said of an error: of what the operator can mend, the message alone. A refused setting has no stack either. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof OperatorError ? error.message : error.stack || error.message;
}

export function seconds(started: number): string {
  return `${Math.round((Date.now() - started) / 1000)} s`;
}
