import { type IncomingHttpHeaders } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import * as tls from "node:tls";
import WebSocket from "ws";
import { passwordAsFactor } from "../../workspace/second-factor";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface RequestOptions {
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** Until when the body comes, bit by bit. @default all at once */
  slowlyUntil?: Promise<unknown> | undefined;
}

/** Names below `.localhost` resolve in browsers, not in Node. */
const toLoopback: net.LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};

/** A workspace as its users reach it: by its host name, through the front door, trusting the test CA and nothing else. */
export class Site {
  constructor(
    readonly hostname: string,
    readonly httpPort: number,
    readonly httpsPort: number,
    readonly root: string,
    /** A unix socket that leads to the HTTPS port, where that is in another network. */
    private readonly socketPath?: string,
  ) {}

  request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { headers, body, slowlyUntil } = options;
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const { request, answer } = this.open(method, path, { ...headers, ...length });
    if (slowlyUntil === undefined) request.end(body);
    else void sendSlowly(request, Buffer.from(body ?? ""), slowlyUntil);
    return answer;
  }

  /** A request whose body the caller writes. */
  open(
    method: string,
    path: string,
    headers: Record<string, string>,
  ): { request: http.ClientRequest; answer: Promise<Answer> } {
    const { socketPath } = this;
    const request = https.request({
      method,
      path,
      headers,
      host: this.hostname,
      port: this.httpsPort,
      // An agent, even `false`, makes Node ignore `createConnection`.
      ...(socketPath === undefined
        ? { ca: this.root, lookup: toLoopback, agent: false }
        : { createConnection: () => this.throughSocket(socketPath) }),
    });
    return { request, answer: answerOf(request) };
  }

  private throughSocket(path: string): tls.TLSSocket {
    return tls.connect({ socket: net.connect(path), servername: this.hostname, ca: this.root });
  }

  async json<T>(method: string, path: string, options: RequestOptions & { json?: unknown } = {}): Promise<T> {
    const answer = await this.request(method, path, {
      headers: {
        ...options.headers,
        ...(options.json === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(options.json === undefined ? options : { body: JSON.stringify(options.json) }),
    });
    if (answer.status !== 200)
      throw new Error(`${method} ${path}: status ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
    return JSON.parse(answer.body.toString()) as T;
  }

  /** Over plain HTTP, redirects not followed. */
  plain(path: string): Promise<Answer> {
    const request = http.request({
      path,
      host: this.hostname,
      port: this.httpPort,
      lookup: toLoopback,
      agent: false,
    });
    request.end();
    return answerOf(request);
  }

  async login(user: string, password: string): Promise<Session> {
    const answer = await this.json<{ data: { authToken: string; userId: string } }>("POST", "/api/v1/login", {
      json: { user, password },
    });
    return new Session(this, {
      "x-auth-token": answer.data.authToken,
      "x-user-id": answer.data.userId,
      // Rocket.Chat asks for it on privileged calls, of a new account too.
      ...passwordAsFactor(password),
    });
  }

  /** Opens the real-time connection and answers what the server says to `connect`. */
  ddp(): Promise<{ msg: string }> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`wss://${this.hostname}:${this.httpsPort}/websocket`, {
        ca: this.root,
        lookup: toLoopback,
      });
      socket.on("open", () => socket.send(JSON.stringify({ msg: "connect", version: "1", support: ["1"] })));
      socket.on("message", (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { msg?: string };
        if (message.msg === undefined) return;
        socket.close();
        resolve({ msg: message.msg });
      });
      socket.on("error", reject);
    });
  }

  /** The handshake, as a client with these limits makes it. */
  handshake(
    limits: tls.ConnectionOptions = {},
  ): Promise<{ serial: string; protocol: string | null; cipher: string }> {
    const { socketPath } = this;
    const to =
      socketPath === undefined
        ? { host: "127.0.0.1", port: this.httpsPort }
        : { socket: net.connect(socketPath) };
    return new Promise((resolve, reject) => {
      const socket = tls.connect({ ...to, servername: this.hostname, ca: this.root, ...limits }, () => {
        resolve({
          serial: socket.getPeerCertificate().serialNumber,
          protocol: socket.getProtocol(),
          cipher: socket.getCipher().name,
        });
        socket.end();
      });
      socket.on("error", reject);
    });
  }
}

/** A logged-in user. */
export class Session {
  constructor(
    readonly site: Site,
    readonly headers: Record<string, string>,
  ) {}

  /** Posts to #general; done when the server has acknowledged it. */
  async post(text: string): Promise<void> {
    await this.site.json("POST", "/api/v1/chat.postMessage", {
      headers: this.headers,
      json: { channel: "#general", text },
    });
  }

  async messages(): Promise<string[]> {
    const path = "/api/v1/channels.messages?roomName=general&count=100";
    const { messages } = await this.site.json<{ messages: { msg: string }[] }>("GET", path, {
      headers: this.headers,
    });
    return messages.map(({ msg }) => msg);
  }

  /**
   * Uploads and answers the path that the file is had from.
   * @param slowlyUntil Until when its bytes come, bit by bit.
   */
  async upload(
    name: string,
    bytes: Buffer,
    slowlyUntil?: Promise<unknown>,
    room = "GENERAL",
  ): Promise<string> {
    const boundary = "----------------rocketchat-test";
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
    const { file } = await this.site.json<{ file: { _id: string; url: string } }>(
      "POST",
      `/api/v1/rooms.media/${room}`,
      {
        headers: { ...this.headers, "content-type": `multipart/form-data; boundary=${boundary}` },
        body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
        slowlyUntil,
      },
    );
    await this.site.json("POST", `/api/v1/rooms.mediaConfirm/${room}/${file._id}`, {
      headers: this.headers,
      json: {},
    });
    return new URL(file.url, `https://${this.site.hostname}`).pathname;
  }

  async download(path: string): Promise<Buffer> {
    const answer = await this.site.request("GET", path, { headers: this.headers });
    if (answer.status !== 200) throw new Error(`GET ${path}: status ${answer.status}`);
    return answer.body;
  }
}

/** Sends a 500th of a body every tenth of a second, and what is left of it once something is done. */
async function sendSlowly(request: http.ClientRequest, body: Buffer, end: Promise<unknown>): Promise<void> {
  const piece = Math.ceil(body.length / 500);
  let sent = 0;
  let waits = true;
  const ended = () => (waits = false);
  void end.then(ended, ended);
  while (waits) {
    if (sent + piece < body.length) {
      request.write(body.subarray(sent, sent + piece));
      sent += piece;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  request.end(body.subarray(sent));
}

export function answerOf(request: http.ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on("error", reject);
  });
}

/** Tries again until it succeeds. */
export async function until<T>(what: string, attempt: () => Promise<T>, seconds = 120): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`${what}: not within ${seconds} s (${String(error)})`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
