import { setTimeout as sleep } from "node:timers/promises";
import { commandHere } from "../settings/command";
import { OperatorError } from "../terminal/steps";
import { type Answer, type Request, type Transport, Unreachable } from "./relay";

/** Rocket.Chat refused a call. Its message names the endpoint, the status and the server's own error. */
export class ApiFailure extends OperatorError {
  constructor(
    readonly endpoint: string,
    readonly status: number,
    /** The server's own word for it, such as `error-room-not-found`, or its text. */
    readonly reason: string,
    fix = "",
    /** The second factor that the server asks for: `password`, `totp`, `email`. @default it asks for none */
    readonly wantedFactor?: string,
  ) {
    super(`${endpoint}: Rocket.Chat answered ${status} (${reason})${fix && `; ${fix}`}`);
  }
}

/** Rocket.Chat could not be asked. */
export class NotReached extends OperatorError {}

/** The calls there are. `npm run check` knows those that Rocket.Chat publishes: see test/published/calls.ts. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- for those
export interface Calls<Method extends string, Read> {
  any: [path: string, parameters?: object];
}

type Judged = Extract<keyof Calls<string, unknown>, "published">;
type Call<Method extends string, Read> = Calls<Method, Read>[[Judged] extends [never] ? "any" : Judged];

/** Rocket.Chat's REST API, as somebody who is logged in. Paths are those of its documentation, such as `/api/v1/channels.info`. */
export interface Api {
  /**
   * The same server as somebody else.
   * @param secondFactor Answers the server's question for one. @default the question is a failure
   */
  as(credentials: Credentials, secondFactor?: SecondFactor): Api;
  /** @throws ApiFailure */
  get<T>(...call: Call<"GET", T>): Promise<T>;
  /** @throws ApiFailure */
  post<T>(...call: Call<"POST", T>): Promise<T>;
  put<T>(...call: Call<"PUT", T>): Promise<T>;
  delete<T>(...call: Call<"DELETE", T>): Promise<T>;
}

/** Who asks: headers of a login, and of a second factor. */
export type Credentials = Record<string, string>;

/** How somebody answers when the server asks for a second factor. It asks on privileged calls, and does nothing before it has it. */
export interface SecondFactor {
  /**
   * Headers to send the call with again, one after another until the server takes them.
   * @param method `password`, `totp`, `email`.
   * @throws OperatorError where there is no answer to that
   */
  answers(method: string): AsyncIterable<Credentials>;
  /** What to say when the server takes none of them. */
  refused(): Promise<OperatorError>;
}

/** An API whose session is opened by the first call. */
export function onDemand(session: () => Promise<Api>): Api {
  return {
    as: (...who) => onDemand(async () => (await session()).as(...who)),
    get: async (...call) => (await session()).get(...call),
    post: async (...call) => (await session()).post(...call),
    put: async (...call) => (await session()).put(...call),
    delete: async (...call) => (await session()).delete(...call),
  };
}

const tries = 4;
/** A limited endpoint opens again after a minute by default (API_Enable_Rate_Limiter_Limit_Time_Default). */
const longestWaitMs = 120_000;

export class RestApi implements Api {
  constructor(
    private readonly transport: Transport,
    private readonly credentials: Credentials = {},
    private readonly pause: (ms: number) => Promise<unknown> = sleep,
    private readonly secondFactor?: SecondFactor,
  ) {}

  as(credentials: Credentials, secondFactor?: SecondFactor): Api {
    return new RestApi(this.transport, credentials, this.pause, secondFactor);
  }

  get<T>(path: string, query: object = {}): Promise<T> {
    const pairs = Object.entries(query).map(([name, value]) => [name, String(value)]);
    const search = new URLSearchParams(pairs).toString();
    return this.call("GET", path, search && `?${search}`);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.call("POST", path, "", body);
  }

  put<T>(path: string, body: object = {}): Promise<T> {
    return this.call("PUT", path, "", body);
  }

  delete<T>(path: string, body?: object): Promise<T> {
    return this.call("DELETE", path, "", body);
  }

  private async call<T>(method: Request["method"], path: string, search: string, body?: object): Promise<T> {
    const endpoint = `${method} ${path}`;
    const once = async (factor: Credentials) =>
      read<T>(
        endpoint,
        await this.send(endpoint, {
          method,
          path: `${path}${search}`,
          headers: {
            ...this.credentials,
            ...factor,
            ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
    try {
      return await once({});
    } catch (error) {
      const wanted = error instanceof ApiFailure ? error.wantedFactor : undefined;
      if (wanted === undefined || this.secondFactor === undefined) throw error;
      return await withFactor(once, this.secondFactor, wanted);
    }
  }

  /** Tries again what is safe: what never reached the server, a read, and a call that was refused for coming too soon. */
  private async send(endpoint: string, request: Request): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.transport.send(request);
        if (answer.status === 429 && attempt < tries) await this.pause(waitOf(answer));
        else if (answer.status >= 500 && request.method === "GET" && this.isWorthATry(attempt))
          await this.pause(attempt * 500);
        else return answer;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        const safe = request.method === "GET" || !error.sent;
        if (!safe || !this.isWorthATry(attempt)) {
          throw new NotReached(
            `${endpoint}: no answer from Rocket.Chat (${error.reason}); see ${commandHere("status")}, then run the command again`,
          );
        }
        await this.pause(attempt * 1000);
      }
    }
  }

  private isWorthATry(attempt: number): boolean {
    return attempt < tries && this.transport.isHurried !== true;
  }
}

/** A call once more, with each answer to the server's question until it takes one. */
async function withFactor<T>(
  call: (factor: Credentials) => Promise<T>,
  secondFactor: SecondFactor,
  method: string,
): Promise<T> {
  for await (const factor of secondFactor.answers(method)) {
    try {
      return await call(factor);
    } catch (error) {
      if (!(error instanceof ApiFailure) || !/totp-invalid/.test(error.reason)) throw error;
    }
  }
  throw await secondFactor.refused();
}

type Json = Record<string, unknown>;

/** What an answer holds. @throws ApiFailure */
function read<T>(endpoint: string, answer: Answer): T {
  const parsed = parse(answer.body);
  if (answer.status < 200 || answer.status > 299 || parsed?.["success"] === false) {
    throw new ApiFailure(endpoint, answer.status, reasonOf(answer, parsed), fixOf(parsed), factorOf(parsed));
  }
  return (parsed ?? {}) as T;
}

function factorOf(body: Json | undefined): string | undefined {
  if (body?.["errorType"] !== "totp-required") return undefined;
  const { method } = (body["details"] ?? {}) as { method?: unknown };
  return typeof method === "string" ? method : "unknown";
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** Rocket.Chat says it in `error`, with a code in brackets at the end, or in `message`. */
function reasonOf({ status }: Answer, body: Json | undefined): string {
  const said = [body?.["error"], body?.["message"]].find((text) => typeof text === "string" && text !== "");
  return typeof said === "string" ? said : status === 413 ? "body too large" : "no reason given";
}

function fixOf(body: Json | undefined): string {
  return body?.["errorType"] === "restricted-workspace" || body?.["error"] === "restricted-workspace"
    ? "the workspace has neither a licence nor a connection to Rocket.Chat's cloud: see docs/operate.md"
    : "";
}

function waitOf({ headers, body }: Answer): number {
  const resetAt = Number(headers["x-ratelimit-reset"]);
  const said = /wait (\d+) seconds/.exec(body)?.[1];
  const ms = resetAt > 0 ? resetAt - Date.now() : said === undefined ? 60_000 : Number(said) * 1000;
  return Math.min(Math.max(ms, 0) + 250, longestWaitMs);
}
