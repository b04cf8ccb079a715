import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Session } from "../integration/site";

/** Longer than anything that holds a request: one that has no answer by then is counted as unanswered. */
const patience = 200_000;

/** Users who write without a pause and keep account of what they were told. */
export class Writers {
  /** Messages that the service took. */
  readonly acknowledged: string[] = [];
  /** Uploads that the service took: path to content's hash. */
  readonly files = new Map<string, string>();
  /** What was answered with an error, and with which one. */
  readonly refused: { what: string; why: string; tookMs: number }[] = [];
  private writing = true;
  private readonly running: Promise<void>[];

  private constructor(
    private readonly session: Session,
    /** Begins each of their messages. */
    private readonly label: string,
  ) {
    this.running = [0, 1, 2, 3].map((user) => this.post(user));
    this.running.push(this.upload());
  }

  /** Some that have written for a while and go on. */
  static async atWork(session: Session, label: string): Promise<Writers> {
    const writers = new Writers(session, label);
    await expect.poll(() => writers.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(50);
    await expect.poll(() => writers.files.size, { timeout: 30_000 }).toBeGreaterThan(2);
    return writers;
  }

  /** Done when every write that was begun has its answer. */
  async stop(): Promise<void> {
    this.writing = false;
    await Promise.all(this.running);
  }

  /** Everything that was acknowledged is there, once, and nothing else came out of the writers' messages. */
  async expectNothingLost(session: Session): Promise<void> {
    const found = (await allMessages(session)).filter((text) => text.startsWith(`${this.label} `));
    const lost = this.acknowledged.filter((text) => !found.includes(text));
    expect(lost).toEqual([]);
    const twice = this.acknowledged.filter((text) => found.indexOf(text) !== found.lastIndexOf(text));
    expect(twice).toEqual([]);
    for (const [path, hash] of this.files) expect(sha256(await session.download(path))).toBe(hash);
  }

  private async post(user: number): Promise<void> {
    for (let n = 0; this.writing; n++) {
      const text = `${this.label} ${user}.${n}`;
      if (await this.account(text, () => this.session.post(text))) this.acknowledged.push(text);
    }
  }

  private async upload(): Promise<void> {
    for (let n = 0; this.writing; n++) {
      const bytes = randomBytes(200_000);
      const name = `${this.label}-${n}.bin`;
      await this.account(name, async () => {
        const path = await this.session.upload(name, bytes);
        this.files.set(path, sha256(bytes));
      });
    }
  }

  private async account(what: string, write: () => Promise<void>): Promise<boolean> {
    const started = Date.now();
    try {
      await answered(write());
      return true;
    } catch (error) {
      this.refused.push({ what, why: String(error), tookMs: Date.now() - started });
      await new Promise((resolve) => setTimeout(resolve, 200));
      return false;
    }
  }
}

function answered<T>(write: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const never = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience / 1000} s`)), patience);
  });
  return Promise.race([write, never]).finally(() => clearTimeout(timer));
}

async function allMessages(session: Session): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const path = `/api/v1/channels.messages?roomName=general&count=100&offset=${texts.length}`;
    const { messages, total } = await session.site.json<{ messages: { msg: string }[]; total: number }>(
      "GET",
      path,
      {
        headers: session.headers,
      },
    );
    texts.push(...messages.map(({ msg }) => msg));
    if (messages.length === 0 || texts.length >= total) return texts;
  }
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
