import { type Answer, type Request, type Transport, Unreachable } from "../workspace/relay";

export type Reply = Partial<Answer> | Unreachable | object;

/** A server that answers from a table of `METHOD path`, and remembers what it was asked. */
export class Script implements Transport {
  readonly asked: Request[] = [];

  constructor(private readonly replies: Record<string, Reply | Reply[]>) {}

  send(request: Request): Promise<Answer> {
    this.asked.push(request);
    const known = this.replies[`${request.method} ${request.path}`] ?? { status: 404, body: "no such route" };
    const reply = Array.isArray(known) ? (known as Reply[]).shift() : known;
    if (reply instanceof Unreachable) return Promise.reject(reply);
    const whole = { status: 200, headers: {}, body: JSON.stringify({ success: true, ...reply }) };
    return Promise.resolve(reply && "status" in reply ? { ...whole, ...(reply as Answer) } : whole);
  }

  close(): void {}

  get writes(): string[] {
    return this.asked
      .filter(({ method }) => method !== "GET")
      .map(({ path, body }) => `${path} ${body ?? ""}`);
  }
}

export function failure(status: number, error: string) {
  return { status, body: JSON.stringify({ success: false, error }) };
}
