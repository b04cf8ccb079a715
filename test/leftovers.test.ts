import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { endLeftovers, marked } from "../commands/state/leftovers";
import type { Stack } from "../commands/stack/stack";

const stack: Stack = { name: "leftovers-test", env: process.env, configArgs: [] };
const children: ChildProcess[] = [];
afterEach(() => children.forEach((child) => child.kill("SIGKILL")));

function sleeping(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn("sleep", ["60"], { env, detached: true, stdio: "ignore" });
  children.push(child);
  return new Promise((resolve) => child.on("spawn", () => resolve(child)));
}

it.runIf(existsSync("/proc/self/environ"))(
  "ends the processes of a killed deployment, and nobody else's",
  async () => {
    const left = await sleeping(marked(stack));
    const anothers = await sleeping(marked({ ...stack, name: "leftovers-test-2" }));
    const ended = new Promise((resolve) => left.on("exit", (_code, signal) => resolve(signal)));

    await endLeftovers(stack, []);

    expect(await ended).toBe("SIGKILL");
    expect(anothers.exitCode ?? anothers.signalCode).toBe(null);
  },
);
