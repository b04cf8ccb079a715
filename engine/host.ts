import { posix } from "node:path";
import { clientEnvironment } from "../terminal/child-environment";
import { capture, type Captured, OperatorError } from "../terminal/steps";

/** For throw-away containers that need no right of their own. */
export const unprivileged = ["--cap-drop=ALL", "--security-opt=no-new-privileges"];

/**
 * For a throw-away container whose image starts as root, gives the data to its own user and becomes that one, as MongoDB's does: no right
 * but those.
 */
export const becomesItsUser = [
  ...unprivileged,
  ...["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"].map((capability) => `--cap-add=${capability}`),
];

export interface ScriptOptions {
  /** Standard input. @default none */
  input?: string;
  /** The script gets `OWNER`, a user of an image. */
  owner?: { image: string; user?: string };
  /** The directory is refused when it is missing, not made. @default false */
  mountExists?: boolean;
}

/** The engine that a workspace runs on, and its host, reached through the docker CLI. */
export class Host {
  constructor(
    /** `unix:///path` or `ssh://user@host[:port]`. */
    readonly engine: string,
    /** Has a POSIX shell. */
    readonly helperImage: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Whatever comes of it. */
  try(args: string[], input?: string): Promise<Captured> {
    return capture({
      command: "docker",
      args,
      env: this.environment({}),
      ...(input !== undefined && { input }),
    });
  }

  /** @throws OperatorError with what docker says. */
  async docker(args: string[], input?: string): Promise<string> {
    const answer = await this.try(args, input);
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
    { input, owner, mountExists }: ScriptOptions = {},
  ): Promise<Captured> {
    return capture({
      command: "sh",
      args: ["scripts/host/helper.sh", script],
      env: this.environment({
        ...variables,
        HELPER_IMAGE: this.helperImage,
        MOUNT: mount,
        PASS: Object.keys(variables).join(" "),
        ...(mountExists ? { MOUNT_EXISTS: "yes" } : {}),
        ...(owner === undefined ? {} : { OWNER_IMAGE: owner.image }),
        ...(owner?.user === undefined ? {} : { OWNER_USER: owner.user }),
      }),
      ...(input !== undefined && { input }),
    });
  }

  /** Runs a script of `scripts/mongo` in a running container. */
  mongosh(
    script: string,
    container: string,
    variables: Record<string, string>,
    input: unknown,
  ): Promise<Captured> {
    const env = this.environment({
      ...variables,
      CONTAINER: container,
      PASS: Object.keys(variables).join(" "),
    });
    return capture({
      command: "sh",
      args: ["scripts/host/exec-script.sh", "mongosh", script],
      env,
      input: JSON.stringify(input),
    });
  }

  /** Runs a script on this machine, which calls docker. */
  local(script: string, variables: Record<string, string>): Promise<Captured> {
    return capture({ command: "sh", args: [script], env: this.environment(variables) });
  }

  /** Runs a node script in a running container. */
  node(script: string, container: string, variables: Record<string, string>): Promise<Captured> {
    return capture({
      command: "sh",
      args: ["scripts/host/exec-script.sh", "node", script],
      env: this.environment({
        ...variables,
        CONTAINER: container,
        PASS: Object.keys(variables).join(" "),
      }),
    });
  }

  /** So that nothing that follows stops for want of an image. */
  async ensureImage(image: string): Promise<void> {
    if ((await this.try(["image", "inspect", image])).status === 0) return;
    await this.docker(["pull", "--quiet", image]);
  }

  private scriptFault(script: string, answer: Captured): OperatorError {
    return new OperatorError(
      `${answer.stderr.trim()}\n${script}: failed (status ${answer.status}) on ${this.engine}; mend what it says, then run the command again`,
    );
  }

  private environment(variables: Record<string, string>): NodeJS.ProcessEnv {
    return clientEnvironment({ ...variables, DOCKER_HOST: this.engine }, this.env);
  }
}
