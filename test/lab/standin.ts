import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import WebSocket from "ws";

const IMAGES = resolve(__dirname, "../../lab/images");
const execute = promisify(execFile);
export const PASSWORD = "Correct-horse-1";

export const work = mkdtempSync(join(tmpdir(), "standin-test-"));
const bundle = join(work, "bundle");
/** What each test ends with. */
export const cleanups: (() => unknown)[] = [];
/** The one mongod of a file of tests. */
export let mongo: Mongod;

/** The stand-in's program with its packages, and a mongod, for a file of tests. */
export function prepareStandIns(): void {
  beforeAll(async () => {
    const source = join(IMAGES, "rocketchat/bundle");
    cpSync(source, bundle, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
    cpSync(resolve(__dirname, "../../settings/data"), bundle, { recursive: true });
    execFileSync("npm", ["ci", "--omit=dev", "--ignore-scripts"], { cwd: bundle, stdio: "pipe" });
    mongo = await Mongod.start("rs0");
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  afterAll(async () => {
    await mongo?.kill();
    rmSync(work, { recursive: true, force: true });
  });
}

// ---- the stand-in as a process ----

export type Environment = Record<string, string | undefined>;
export type Headers = Record<string, string>;
export type Server = Awaited<ReturnType<typeof launch>>;

/** The environment of a workspace of its own, in database `name` of the one mongod. */
export function environmentOf(name: string): Environment {
  return {
    PATH: process.env["PATH"],
    MONGO_URL: `mongodb://127.0.0.1:${mongo.port}/standin-${name}?replicaSet=rs0&retryWrites=true`,
    ROOT_URL: "http://localhost",
    BIND_IP: "127.0.0.1",
    BYPASS_MONGO_VALIDATION: "true",
    STANDIN_BOOT_MS: "0",
    ADMIN_PASS: PASSWORD,
  };
}

export async function launch(environment: Environment) {
  const port = String(await freePort());
  const child = spawn(process.execPath, ["main.js"], { cwd: bundle, env: { ...environment, PORT: port } });
  let output = "";
  const collect = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const exited = once(child, "close").then(([code]) => code as number | null);
  const stop = () => {
    child.kill("SIGKILL");
    return exited;
  };
  cleanups.push(stop);
  const ready = () =>
    until(() => {
      if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}:\n${output}`);
      return output.includes("SERVER RUNNING");
    });
  return { url: `http://127.0.0.1:${port}`, process: child, exited, output: () => output, stop, ready };
}

export async function start(environment: Environment): Promise<Server> {
  const server = await launch(environment);
  await server.ready();
  return server;
}

/** What the process says before it ends with 1. */
export async function refusalOf(environment: Environment): Promise<string> {
  const server = await launch(environment);
  expect(await server.exited).toBe(1);
  return server.output();
}

export async function call(
  server: Server,
  method: string,
  path: string,
  headers: Headers = {},
  body?: unknown,
) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(server.url + path, { method, headers, ...json });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The status of /readyz, which must come before a health check gives up. */
export async function readiness(server: Server): Promise<number> {
  return (await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(10_000) })).status;
}

export async function login(server: Server, user = "admin", password = PASSWORD): Promise<Headers> {
  const { body } = await call(server, "POST", "/api/v1/login", {}, { user, password });
  const { authToken, userId } = body["data"] as { authToken: string; userId: string };
  return { "x-auth-token": authToken, "x-user-id": userId };
}

/** The password as second factor. */
export function factor(password: string): Headers {
  return { "x-2fa-method": "password", "x-2fa-code": sha256(password) };
}

export async function statusOfLogin(server: Server, password: string): Promise<number> {
  return (await call(server, "POST", "/api/v1/login", {}, { user: "admin", password })).status;
}

export async function publicSettings(server: Server): Promise<Record<string, unknown>> {
  const { body } = await call(server, "GET", "/api/v1/settings.public");
  return Object.fromEntries(
    (body["settings"] as { _id: string; value: unknown }[]).map(({ _id, value }) => [_id, value]),
  );
}

export async function report(server: Server): Promise<{ variable: string }[]> {
  return (await call(server, "GET", "/standin/report")).body as unknown as { variable: string }[];
}

export function post(server: Server, session: Headers, text: string) {
  return call(server, "POST", "/api/v1/chat.postMessage", session, { channel: "#general", text });
}

/** The texts in #general, newest first. */
export async function textsOf(server: Server, session: Headers): Promise<string[]> {
  const { body } = await call(server, "GET", "/api/v1/channels.messages?roomName=general", session);
  return (body["messages"] as { msg: string }[]).map(({ msg }) => msg);
}

export async function upload(
  server: Server,
  headers: Headers,
  bytes: Uint8Array<ArrayBuffer>,
  room = "GENERAL",
) {
  const body = new FormData();
  body.set("file", new Blob([bytes], { type: "application/octet-stream" }), "random.bin");
  const response = await fetch(`${server.url}/api/v1/rooms.media/${room}`, { method: "POST", headers, body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

/** Asks until the answer is true; fails after 30 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${condition.toString()}`);
    await sleep(50);
  }
}

/** A DDP client that reads its messages in order. */
export class Ddp {
  private readonly received: { msg?: string }[] = [];

  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) =>
      this.received.push(JSON.parse(data.toString()) as { msg?: string }),
    );
    cleanups.push(() => socket.terminate());
  }

  static async connect(server: Server): Promise<Ddp> {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/websocket`);
    const client = new Ddp(socket);
    await once(socket, "open");
    client.send({ msg: "connect", version: "1", support: ["1"] });
    await client.next("connected");
    return client;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  async next(msg: string): Promise<object> {
    let found: object | undefined;
    await until(() => {
      const index = this.received.findIndex((message) => message.msg === msg);
      if (index >= 0) [found] = this.received.splice(0, index + 1).slice(-1);
      return found !== undefined;
    });
    return found as object;
  }
}

// ---- a real mongod ----

export class Mongod {
  private process: ChildProcess | undefined;
  private readonly directory = mkdtempSync(join(work, "mongod-"));

  private constructor(
    readonly port: number,
    private readonly replicaSet: string | undefined,
  ) {}

  /** A running mongod: the primary of a set of one, or a standalone. */
  static async start(replicaSet: string | undefined): Promise<Mongod> {
    const mongod = new Mongod(await freePort(), replicaSet);
    await mongod.run();
    return mongod;
  }

  async run(): Promise<void> {
    const program = execFileSync(join(IMAGES, "mongod.sh"), { stdio: ["ignore", "pipe", "inherit"] })
      .toString()
      .trim();
    const set = this.replicaSet === undefined ? [] : ["--replSet", this.replicaSet];
    const place = ["--dbpath", this.directory, "--port", String(this.port), "--bind_ip", "127.0.0.1"];
    this.process = spawn(program, [...place, ...set, "--wiredTigerCacheSizeGB", "0.25"], { stdio: "ignore" });
    // Not the Sync form: connections that end meanwhile must be seen to end.
    await execute(process.execPath, ["-e", WAIT_FOR_PRIMARY, String(this.port), this.replicaSet ?? ""], {
      cwd: bundle,
    });
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const process = this.process;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    process.kill("SIGKILL");
    await once(process, "exit");
  }
}

/** Run in the bundle, which has the driver: waits until the mongod takes writes, initiating its set if new. */
const WAIT_FOR_PRIMARY = `
  const [port, set] = process.argv.slice(1);
  const { MongoClient } = require("mongodb");
  (async () => {
    const client = new MongoClient("mongodb://127.0.0.1:" + port + "/?directConnection=true");
    const admin = client.db("admin");
    for (const deadline = Date.now() + 30000; ; ) {
      const hello = await admin.command({ hello: 1 });
      if (hello.isWritablePrimary) break;
      // Right after its start mongod says so also when it has a set.
      if (hello.isreplicaset)
        await admin
          .command({ replSetInitiate: { _id: set, members: [{ _id: 0, host: "127.0.0.1:" + port }] } })
          .catch((error) => { if (error.codeName !== "AlreadyInitialized") throw error; });
      if (Date.now() > deadline) throw new Error("no primary within 30 s");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await client.close();
  })();
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
