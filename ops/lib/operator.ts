import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { say } from "./steps";

/** Asks whoever runs the command, one line an answer; on a terminal or from a pipe. Answers are never arguments. */
export class Operator {
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;
  private hidden = false;

  constructor() {
    const terminal = process.stdin.isTTY;
    const echo = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.hidden) process.stderr.write(chunk);
        done();
      },
    });
    this.reader = createInterface({ input: process.stdin, terminal, ...(terminal ? { output: echo } : {}) });
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  /** @returns an empty text when the input has ended. */
  async ask(question: string): Promise<string> {
    say(question);
    const line = await this.lines.next();
    return line.done ? "" : line.value;
  }

  /** As `ask`, and a terminal does not show what is typed. */
  async askSecret(question: string): Promise<string> {
    this.hidden = true;
    try {
      return await this.ask(question);
    } finally {
      this.hidden = false;
    }
  }

  close(): void {
    this.reader.close();
  }
}
