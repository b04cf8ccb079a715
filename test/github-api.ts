import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StoredComment {
  id: number;
  user: { login: string };
  body: string;
}

/** What of GitHub's API a comment on pull request 7 of acme/chat needs. It knows one token, and pages hold at most 100. */
export class GithubApi {
  readonly token = "token-that-nobody-may-see";
  readonly login = "github-actions[bot]";
  readonly repository = "acme/chat";
  readonly comments: StoredComment[] = [];
  /** Method and path of every request, in order. */
  readonly requests: string[] = [];
  /** Answers this instead of writing a comment. */
  refuseWith: { status: number; message: string } | undefined;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static start(): Promise<GithubApi> {
    const api = new GithubApi();
    return new Promise((resolve) => api.server.listen(0, "127.0.0.1", () => resolve(api)));
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(login: string, body: string): StoredComment {
    const comment = { id: 1000 + this.comments.length, user: { login }, body };
    this.comments.push(comment);
    return comment;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { status, content } = this.route(
      request,
      text === "" ? {} : (JSON.parse(text) as Record<string, string>),
    );
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
  }

  private route(
    request: IncomingMessage,
    sent: Record<string, string>,
  ): { status: number; content: unknown } {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const asked = `${request.method} ${pathname}`;
    this.requests.push(asked);
    if (request.headers.authorization !== `Bearer ${this.token}`) return refused(401, "Bad credentials");
    if (asked === "POST /graphql" && sent["query"]?.includes("viewer")) {
      return { status: 200, content: { data: { viewer: { login: this.login } } } };
    }

    const issues = `/repos/${this.repository}/issues`;
    if (asked === `GET ${issues}/7/comments`) {
      const size = Math.min(100, Number(searchParams.get("per_page") ?? 30));
      const start = size * (Number(searchParams.get("page") ?? 1) - 1);
      return { status: 200, content: this.comments.slice(start, start + size) };
    }
    if (this.refuseWith !== undefined) return refused(this.refuseWith.status, this.refuseWith.message);
    if ((sent["body"] ?? "").length > 65_536)
      return refused(422, "body is too long (maximum is 65536 characters)");
    if (asked === `POST ${issues}/7/comments`) {
      return { status: 201, content: this.add(this.login, sent["body"] ?? "") };
    }
    const edited = this.comments.find(({ id }) => asked === `PATCH ${issues}/comments/${id}`);
    if (edited === undefined) return refused(404, "Not Found");
    edited.body = sent["body"] ?? "";
    return { status: 200, content: edited };
  }
}

function refused(status: number, message: string): { status: number; content: unknown } {
  return { status, content: { message } };
}
