import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "../engine/client";
import { projectRoot } from "../terminal/paths";

export interface Request {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: string;
}

/** Where a request goes. */
export interface Transport {
  /** @throws Unreachable when no answer came. */
  send(request: Request): Promise<Answer>;
  /** What fails is not worth another try now. @default false */
  readonly isHurried?: boolean;
  close(): void;
}

/** No answer came. */
export class Unreachable extends Error {
  constructor(
    readonly reason: string,
    /** The server may have seen the request. */
    readonly sent: boolean,
  ) {
    super(reason);
  }
}

/** A transport that waits a short time only, while something is done that can do without an answer. */
export class HurriedTransport implements Transport {
  private limitMs: number | undefined;

  constructor(private readonly inner: Transport) {}

  get isHurried(): boolean {
    return this.limitMs !== undefined;
  }

  async hurry<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
    this.limitMs = limitMs;
    try {
      return await work();
    } finally {
      this.limitMs = undefined;
    }
  }

  send(request: Request): Promise<Answer> {
    const answer = this.inner.send(request);
    const limitMs = this.limitMs;
    if (limitMs === undefined) return answer;
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Unreachable(`no answer within ${limitMs / 1000} s`, true)),
        limitMs,
      );
      answer.then(resolve, reject).finally(() => clearTimeout(late));
    });
  }

  close(): void {
    this.inner.close();
  }
}

/** The container that Rocket.Chat runs in. */
export interface Container {
  /** `unix:///path` or `ssh://user@host[:port]`. */
  engine: string;
  container: string;
  /** Rocket.Chat's port inside. */
  port: number;
}

type Line = { id: number } & ({ fault: string; sent: boolean } | Answer);

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: Unreachable) => void;
}

/**
 * Requests to Rocket.Chat from inside its own container, through one `docker exec` that stays open. Headers and bodies travel
 * on its standard input: no secret stands in an argument.
 */
export class Relay implements Transport {
  private child: ChildProcessWithoutNullStreams | undefined;
  private said = "";
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  constructor(private readonly target: Container) {}

  send(request: Request): Promise<Answer> {
    const child = (this.child ??= this.start());
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  close(): void {
    this.child?.stdin.end();
  }

  private start(): ChildProcessWithoutNullStreams {
    const { engine, container, port } = this.target;
    const script = readFileSync(join(projectRoot, "scripts/rocketchat/relay.js"), "utf8");
    const args = ["exec", "--interactive", `--env=PORT=${port}`, container, "node", "-e", script];
    const child = new Client(engine).open(args);
    this.said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.said += text));
    child.stdin.on("error", () => undefined); // it ended; its end says why
    child.on("error", (error) => this.ended(error.message));
    child.on("close", (status) => this.ended(this.said.trim() || `docker exec ended with status ${status}`));
    createInterface({ input: child.stdout }).on("line", (line) => this.received(JSON.parse(line) as Line));
    return child;
  }

  private received(line: Line): void {
    const waiting = this.waiting.get(line.id);
    this.waiting.delete(line.id);
    if ("fault" in line) waiting?.reject(new Unreachable(line.fault, line.sent));
    else waiting?.resolve(line);
  }

  private ended(reason: string): void {
    this.child = undefined;
    for (const { reject } of this.waiting.values()) reject(new Unreachable(reason, true));
    this.waiting.clear();
  }
}
