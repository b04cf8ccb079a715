import { posix } from "node:path";
import { type Captured, OperatorError, type ToolRun } from "../terminal/steps";
import { Client, type Question } from "./client";
import { execCall, type ExecPlace, helperCall, type HelperOptions, type ScriptCall } from "./script-call";

export type ScriptOptions = HelperOptions & Question;

/** The engine that a workspace runs on, and its host. */
export class Host extends Client {
  constructor(
    /** `unix:///path` or `ssh://user@host[:port]`. */
    override readonly engine: string,
    /** Has a POSIX shell. */
    readonly helperImage: string,
    from: NodeJS.ProcessEnv,
  ) {
    super(engine, from);
  }

  /** @throws OperatorError with what docker says. */
  async docker(args: string[], question: Question = {}): Promise<string> {
    const answer = await this.try(args, question);
    if (answer.status !== 0)
      throw new OperatorError(
        `${answer.stderr.trim()}\ndocker ${args[0]} ${args.at(-1)}: failed (status ${answer.status}) on ${this.engine}; mend what it says, then run the command again`,
      );
    return answer.stdout;
  }

  /**
   * Runs a script of `scripts/host` as root on the host; it sees one directory.
   * @throws OperatorError with what the script says.
   */
  async script(
    script: string,
    mount: string,
    variables: Record<string, string>,
    options: ScriptOptions = {},
  ): Promise<string> {
    const answer = await this.tryScript(script, mount, variables, options);
    if (answer.status !== 0) throw this.scriptFault(script, answer);
    return answer.stdout;
  }

  /** As `script`, and makes no directory: undefined where the one that it would see is not there. */
  async look(
    script: string,
    directory: string,
    variables: Record<string, string>,
  ): Promise<string | undefined> {
    const answer = await this.tryScript(script, directory, variables, { mountExists: true });
    if (answer.status === 0) return answer.stdout;
    if (/bind source path does not exist/.test(answer.stderr)) return undefined;
    throw this.scriptFault(script, answer);
  }

  /** The text of a file on the host; empty where there is none. Makes nothing. */
  async read(path: string): Promise<string> {
    return (await this.look("scripts/host/read-file.sh", posix.dirname(path), { FILE: path })) ?? "";
  }

  /** As `script`, whatever comes of it. */
  tryScript(
    script: string,
    mount: string,
    variables: Record<string, string>,
    { owner, mountExists, ...question }: ScriptOptions = {},
  ): Promise<Captured> {
    return this.tryCall(
      this.helperCall(script, mount, variables, {
        ...(owner !== undefined && { owner }),
        ...(mountExists !== undefined && { mountExists }),
      }),
      question,
    );
  }

  /** How `script` is run, for a step that shows its progress. */
  scriptRun(script: string, mount: string, variables: Record<string, string>): ToolRun {
    return this.call(this.helperCall(script, mount, variables));
  }

  /** Runs a script of `scripts/mongo`, by mongosh; its secrets come on standard input. */
  mongosh(
    script: string,
    place: string | ExecPlace,
    variables: Record<string, string>,
    input: unknown,
  ): Promise<Captured> {
    const where = typeof place === "string" ? { container: place } : place;
    return this.tryCall(execCall("mongosh", script, where, variables), { input: JSON.stringify(input) });
  }

  /** Runs a node script in a running container. */
  node(
    script: string,
    container: string,
    variables: Record<string, string>,
    question: Question = {},
  ): Promise<Captured> {
    return this.tryCall(execCall("node", script, { container }, variables), question);
  }

  /** Runs a script on this machine, which calls docker. */
  local(script: string, variables: Record<string, string>): Promise<Captured> {
    return this.tryCall({ args: [script], variables });
  }

  /** So that nothing that follows stops for want of an image. */
  async ensureImage(image: string): Promise<void> {
    if ((await this.try(["image", "inspect", image])).status === 0) return;
    await this.docker(["pull", "--quiet", image]);
  }

  private helperCall(
    script: string,
    mount: string,
    variables: Record<string, string>,
    options: HelperOptions = {},
  ): ScriptCall {
    return helperCall(script, { image: this.helperImage, mount }, variables, options);
  }

  private scriptFault(script: string, answer: Captured): OperatorError {
    return new OperatorError(
      `${answer.stderr.trim()}\n${script}: failed (status ${answer.status}) on ${this.engine}; mend what it says, then run the command again`,
    );
  }
}
