import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { OperatorError, say } from "./steps";

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

  /** Asks for the stack's name before what cannot be taken back, or takes the service away for a while. */
  async agrees(stack: string): Promise<boolean> {
    return (await this.askName()) === stack;
  }

  /**
   * The same for a command that ends there.
   * @param asking The command, or the option that wants it, such as "npm run restore".
   * @param untouched What is true then, such as "nothing was changed".
   * @throws OperatorError unless the name was typed.
   */
  async confirm(stack: string, asking: string, untouched: string): Promise<void> {
    const answer = await this.askName();
    if (answer !== stack)
      throw new OperatorError(
        `${asking}: wants the stack's name ${stack} (got ${JSON.stringify(answer)}); ${untouched}`,
      );
  }

  private async askName(): Promise<string> {
    return (await this.ask("Type the stack's name to go on:")).trim();
  }

  close(): void {
    this.reader.close();
  }
}

/** An operator for as long as the work takes. */
export async function withOperator<T>(work: (operator: Operator) => Promise<T>): Promise<T> {
  const operator = new Operator();
  try {
    return await work(operator);
  } finally {
    operator.close();
  }
}
