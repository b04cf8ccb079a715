import { type ChildProcess, spawn } from "node:child_process";

export interface Ran {
  output: string;
  seconds: number;
}

const running = new Map<ChildProcess, Promise<unknown>>();

/**
 * Runs a command in a process group of its own, so that all of it can be ended.
 * @throws Error with what it said, where it does not end with 0.
 */
export function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  const began = performance.now();
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<Ran>((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (status) => {
      const seconds = (performance.now() - began) / 1000;
      if (status === 0) resolve({ output, seconds });
      else reject(new Error(`${command} ${args.join(" ")}: status ${status ?? "unknown"}\n${output}`));
    });
  });
  running.set(child, ended);
  return ended.finally(() => running.delete(child));
}

/** Ends what is at work: as Ctrl-C would, and by force what does not end in time. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async ([child, ended]) => {
      signal(child, "SIGINT");
      const force = setTimeout(() => signal(child, "SIGKILL"), 30_000);
      await ended.catch(() => undefined);
      clearTimeout(force);
    }),
  );
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
