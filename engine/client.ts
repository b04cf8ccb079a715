import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { clientEnvironment } from "../terminal/child-environment";
import { projectRoot } from "../terminal/paths";
import { capture, type Captured, interactive, type ToolRun } from "../terminal/steps";
import type { ScriptCall } from "./script-call";

export interface Question {
  /** Standard input, where secrets travel. @default none */
  input?: string;
  /** It is ended after that, as one that failed. @default none */
  limitMs?: number;
}

/** An environment for clients of whoever waits: a server that is there answers in that time. @default of `from`: this process's own */
export function hurried(from: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  // The docker CLI needs two seconds more to say that there is none.
  return { ...from, ROCKETCHAT_SSH_TIMEOUT: "6" };
}

/**
 * The docker CLI: nothing else starts one, but the scripts of `scripts/host` and their like, which are started here as well. It gets what
 * it needs to reach an engine, over ssh by `scripts/ssh/ssh`, and nothing else of this process.
 */
export class Client {
  constructor(
    /** `unix:///path` or `ssh://user@host[:port]`. Undefined: the one that the CLI itself is set to. */
    readonly engine?: string,
    private readonly from: NodeJS.ProcessEnv = process.env,
  ) {}

  /** Whatever comes of it. */
  try(args: string[], question: Question = {}): Promise<Captured> {
    return capture({ ...this.cli(args), ...question });
  }

  /** With the operator's terminal. @returns its status */
  attended(args: string[]): Promise<number> {
    return interactive(this.cli(args));
  }

  /** A command that stays open: who asked ends it by its standard input. */
  open(args: string[]): ChildProcessWithoutNullStreams {
    const { command, env } = this.cli(args);
    return spawn(command, args, { env, cwd: projectRoot });
  }

  /** Runs a script of this machine that calls docker, whatever comes of it. */
  tryCall(call: ScriptCall, question: Question = {}): Promise<Captured> {
    return capture({ ...this.call(call), ...question });
  }

  /** How such a script is run, for who shows its progress. */
  call({ args, variables }: ScriptCall): ToolRun {
    return { command: "sh", args, env: this.environment(variables) };
  }

  private cli(args: string[]): ToolRun {
    return { command: "docker", args, env: this.environment() };
  }

  private environment(variables: Record<string, string> = {}): NodeJS.ProcessEnv {
    // Also under plain `pulumi up`, where nobody put it there.
    const path = `${join(projectRoot, "scripts", "ssh")}${delimiter}${this.from["PATH"] ?? ""}`;
    const engine = this.engine === undefined ? {} : { DOCKER_HOST: this.engine };
    return clientEnvironment({ ...variables, ...engine, PATH: path }, this.from);
  }
}
