import { Client, hurried } from "./client";

/** What the docker CLI said when it failed. */
export class DockerFailed extends Error {
  constructor(
    /** Its standard error; empty when it was not done in time. */
    readonly said: string,
    /** There is no docker CLI on this machine. */
    readonly missing = false,
  ) {
    super(said);
  }

  /** The line that tells the most. */
  get reason(): string {
    if (this.missing) return "there is no docker CLI on this machine";
    return lastWord(this.said) ?? "no answer in time";
  }
}

/** Where a tool gives its reason: before the CLI's own advice. Nothing where it said nothing. */
export function lastWord(said: string): string | undefined {
  const lines = said
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^See |^(Run|See) 'docker/.test(line));
  return lines.at(-1)?.trim();
}

/** An image is not on the engine, where none may be fetched. */
export function isNoImage({ said }: DockerFailed): boolean {
  return /no such image|unable to find image/i.test(said);
}

/** One engine, until a moment. */
export class Docker {
  private readonly client: Client;

  constructor(
    readonly engine: string,
    private readonly deadline: number,
  ) {
    this.client = new Client(engine, hurried());
  }

  /** The same engine, with more time. */
  until(deadline: number): Docker {
    return new Docker(this.engine, deadline);
  }

  /**
   * What a command prints.
   * @throws DockerFailed
   */
  async run(...args: string[]): Promise<string> {
    const limitMs = Math.max(1, this.deadline - Date.now());
    const { status, stdout, stderr, without } = await this.client.try(args, { limitMs });
    if (status !== 0) throw new DockerFailed(without === "late" ? "" : stderr.trim(), without === "missing");
    return stdout.trim();
  }
}
