import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import WebSocket from "ws";

const IMAGES = resolve(__dirname, "../../lab/images");
const execute = promisify(execFile);
const PASSWORD = "Correct-horse-1";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const work = mkdtempSync(join(tmpdir(), "standin-test-"));
const bundle = join(work, "bundle");
const cleanups: (() => unknown)[] = [];
let mongo: Mongod;

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

describe("refuses to start", () => {
  it.each(["MONGO_URL", "ROOT_URL"])("without %s", async (name) => {
    expect(await refusalOf({ ...environmentOf("refused"), [name]: undefined })).toContain(
      `${name}: must be set`,
    );
  });

  it("with a URL that names no replica set", async () => {
    const MONGO_URL = environmentOf("refused").MONGO_URL?.split("?")[0];
    expect(await refusalOf({ ...environmentOf("refused"), MONGO_URL })).toContain("must name a replica set");
  });

  it("on a standalone mongod", async () => {
    const standalone = await Mongod.start(undefined);
    cleanups.push(() => standalone.kill());
    const MONGO_URL = `mongodb://127.0.0.1:${standalone.port}/refused?replicaSet=rs0`;
    expect(await refusalOf({ ...environmentOf("refused"), MONGO_URL })).toContain("got a standalone");
  });

  it("on MongoDB 6, unless told to bypass the check", async () => {
    const environment = { ...environmentOf("old"), BYPASS_MONGO_VALIDATION: undefined };
    expect(await refusalOf(environment)).toContain("must be 7.0 or newer (got 6.0.5)");
    await start(environmentOf("old"));
  });
});

describe("the administrator", () => {
  it("is seeded once: a later ADMIN_PASS changes nothing, and a login outlives a restart", async () => {
    const first = await start(environmentOf("admin"));
    const session = await login(first);
    await first.stop();

    const second = await start({ ...environmentOf("admin"), ADMIN_PASS: "Another-pass-2" });
    expect(second.output()).toContain(
      "Users with admin role already exist; Ignoring environment variables ADMIN_",
    );
    expect(await statusOfLogin(second, "Another-pass-2")).toBe(401);
    expect(await statusOfLogin(second, PASSWORD)).toBe(200);
    expect((await call(second, "GET", "/api/v1/me", session)).body).toMatchObject({
      username: "admin",
      roles: ["admin"],
    });
  });
});

describe("settings", () => {
  it("takes ID at first insert and OVERWRITE_SETTING_ID at every boot", async () => {
    const base = environmentOf("settings");
    const first = await start({
      ...base,
      Site_Name: "First",
      OVERWRITE_SETTING_FileUpload_MaxFileSize: "2000000",
    });
    const session = await login(first);
    const changed = await call(first, "POST", "/api/v1/settings/FileUpload_MaxFileSize", session, {
      value: 5,
    });
    expect(changed.status).toBe(200);
    await first.stop();

    const second = await start({
      ...base,
      ROOT_URL: "https://moved.example",
      Site_Name: "Second",
      OVERWRITE_SETTING_FileUpload_MaxFileSize: "3000000",
      OVERWRITE_SETTING_Language: "fr",
    });
    expect(await publicSettings(second)).toMatchObject({
      Site_Name: "First",
      Site_Url: base.ROOT_URL,
      FileUpload_MaxFileSize: 3_000_000,
      Language: "fr",
    });
    expect(await report(second)).toEqual([]);
    await second.stop();

    expect(await publicSettings(await start(base))).toMatchObject({
      FileUpload_MaxFileSize: 3_000_000,
      Language: "fr",
    });
  });

  it("takes what the real one takes, and reports an unknown id and wrong values", async () => {
    const server = await start({
      ...environmentOf("lax"),
      OVERWRITE_SETTING_Jitsi_Domain: "meet.example",
      OVERWRITE_SETTING_FileUpload_MaxFileSize: "200000abc",
      OVERWRITE_SETTING_FileUpload_ProtectFiles: "maybe",
      OVERWRITE_SETTING_Show_Setup_Wizard: "done",
    });
    expect(await publicSettings(server)).toMatchObject({
      FileUpload_MaxFileSize: 200_000,
      FileUpload_ProtectFiles: "maybe",
      Show_Setup_Wizard: "done",
    });
    expect((await report(server)).map(({ variable }) => variable).sort()).toEqual([
      "OVERWRITE_SETTING_FileUpload_MaxFileSize",
      "OVERWRITE_SETTING_FileUpload_ProtectFiles",
      "OVERWRITE_SETTING_Jitsi_Domain",
      "OVERWRITE_SETTING_Show_Setup_Wizard",
    ]);
  });

  it("wants the password again for a change once RememberFor has elapsed", async () => {
    const environment = {
      ...environmentOf("factor"),
      OVERWRITE_SETTING_Accounts_TwoFactorAuthentication_RememberFor: "0",
    };
    const server = await start(environment);
    const session = await login(server);
    const change = (headers: Headers) =>
      call(server, "POST", "/api/v1/settings/Site_Name", { ...session, ...headers }, { value: "Changed" });

    expect(await change({})).toMatchObject({
      status: 400,
      body: { errorType: "totp-required", details: { method: "password" } },
    });
    const wrong = { "x-2fa-method": "password", "x-2fa-code": sha256("wrong") };
    expect(await change(wrong)).toMatchObject({ status: 400, body: { errorType: "totp-invalid" } });
    expect(await publicSettings(server)).toMatchObject({ Site_Name: "Rocket.Chat" });
    expect((await change({ "x-2fa-method": "password", "x-2fa-code": sha256(PASSWORD) })).status).toBe(200);
    expect(await publicSettings(server)).toMatchObject({ Site_Name: "Changed" });
  });
});

describe("messages", () => {
  it("shows a posted message to a DDP client that is logged in, and to nobody else", async () => {
    const server = await start(environmentOf("ddp"));
    const session = await login(server);
    const stranger = await Ddp.connect(server);
    stranger.send({ msg: "sub", id: "s", name: "stream-room-messages", params: ["GENERAL", false] });
    expect(await stranger.next("nosub")).toMatchObject({ id: "s", error: { error: "not-allowed" } });

    const client = await Ddp.connect(server);
    client.send({ msg: "ping", id: "p" });
    expect(await client.next("pong")).toMatchObject({ id: "p" });
    client.send({ msg: "method", id: "m", method: "login", params: [{ resume: session["x-auth-token"] }] });
    expect(await client.next("result")).toMatchObject({ id: "m", result: { id: session["x-user-id"] } });
    client.send({ msg: "sub", id: "s", name: "stream-room-messages", params: ["GENERAL", false] });
    expect(await client.next("ready")).toMatchObject({ subs: ["s"] });

    expect((await post(server, session, "over the wire")).status).toBe(200);
    expect(await client.next("changed")).toMatchObject({
      collection: "stream-room-messages",
      fields: { eventName: "GENERAL", args: [{ msg: "over the wire", u: { username: "admin" } }] },
    });
  });

  it("keeps an acknowledged message over kill -9 of mongod, and recovers by itself", async () => {
    const server = await start(environmentOf("crash"));
    const session = await login(server);
    expect((await post(server, session, "acknowledged")).status).toBe(200);
    await mongo.kill();

    await until(async () => (await readiness(server)) === 503);
    expect((await call(server, "GET", "/livez")).status).toBe(200);
    expect((await call(server, "GET", "/health")).status).toBe(200);

    await mongo.run();
    await until(async () => (await readiness(server)) === 200);
    expect((await call(server, "GET", "/api/info")).body).toMatchObject({
      success: true,
      version: "8.8",
      standIn: true,
    });
    expect(await textsOf(server, session)).toEqual(["acknowledged"]);
    expect((await post(server, session, "afterwards")).status).toBe(200);
    expect(await textsOf(server, session)).toEqual(["afterwards", "acknowledged"]);
  });

  it("waits for a mongod that is down at boot, without listening", async () => {
    await mongo.kill();
    const server = await launch(environmentOf("late"));
    await until(() => server.output().includes("waiting for MongoDB"));
    await expect(call(server, "GET", "/livez")).rejects.toThrow();
    await mongo.run();
    await server.ready();
    expect((await call(server, "GET", "/api/info")).status).toBe(200);
  });

  it("refuses posts in a workspace offline and without a licence", async () => {
    const server = await start({ ...environmentOf("offline"), STANDIN_OFFLINE_UNLICENSED: "true" });
    const session = await login(server);
    expect(await post(server, session, "no")).toMatchObject({
      status: 400,
      body: { error: "restricted-workspace" },
    });
    expect(await textsOf(server, session)).toEqual([]);
  });
});

describe("a private group", () => {
  it("shows its messages and takes guests by its members alone, as a group", async () => {
    const server = await start(environmentOf("group"));
    const admin = await login(server);
    const made = {
      username: "d",
      name: "D",
      email: "d@example.org",
      password: "Other-horse-2",
      roles: ["user"],
    };
    await call(server, "POST", "/api/v1/users.create", admin, made);
    const user = await login(server, made.username, made.password);
    const { body } = await call(server, "POST", "/api/v1/groups.create", user, { name: "board" });
    const { _id: roomId } = body["group"] as { _id: string };
    const messages = (kind: string, who: Headers) =>
      call(server, "GET", `/api/v1/${kind}.messages?roomId=${roomId}`, who);
    const invite = (who: Headers) =>
      call(server, "POST", "/api/v1/groups.invite", who, { roomId, userId: admin["x-user-id"] });
    const statuses = async (...answers: ReturnType<typeof call>[]) =>
      (await Promise.all(answers)).map(({ status }) => status);

    expect(await statuses(messages("channels", user), messages("groups", admin), invite(admin))).toEqual(
      Array(3).fill(400),
    );
    expect(await statuses(messages("groups", user), invite(user))).toEqual([200, 200]);
    expect(await statuses(messages("groups", admin), invite(admin))).toEqual([200, 200]);
  });
});

describe("webhooks", () => {
  it("have words for messages alone: those of another event are dropped", async () => {
    const server = await start(environmentOf("words"));
    const session = await login(server);
    const hook = {
      ...{ type: "webhook-outgoing", enabled: true, username: "rocket.cat", scriptEnabled: false },
      ...{ channel: "#general", urls: ["http://127.0.0.1:9/"], triggerWords: ["!a"] },
    };
    const made = ["sendMessage", "fileUploaded"].map((event) =>
      call(server, "POST", "/api/v1/integrations.create", session, { ...hook, name: event, event }),
    );
    const words = (await Promise.all(made)).map(
      ({ body }) => (body["integration"] as { triggerWords?: string[] }).triggerWords,
    );
    expect(words).toEqual([["!a"], undefined]);
  });
});

describe("uploads", () => {
  it.each(["FileSystem", "GridFS"])(
    "bring 20 MB back unchanged from %s, only to who is logged in",
    async (type) => {
      const directory = join(work, `uploads-${type}`);
      mkdirSync(directory);
      const server = await start({
        ...environmentOf(`uploads-${type}`),
        OVERWRITE_SETTING_FileUpload_Storage_Type: type,
        OVERWRITE_SETTING_FileUpload_FileSystemPath: directory,
      });
      const session = await login(server);
      const bytes = randomBytes(20_000_000);
      const { status, body } = await upload(server, session, bytes);
      expect(status).toBe(200);
      const { _id, url } = body.file as { _id: string; url: string };

      const confirm = `/api/v1/rooms.mediaConfirm/GENERAL/${_id}`;
      expect((await call(server, "POST", confirm, session, { msg: "see the file" })).status).toBe(200);
      expect(await textsOf(server, session)).toEqual(["see the file"]);

      expect((await fetch(server.url + url)).status).toBe(403);
      const back = await fetch(server.url + url, { headers: session });
      expect(sha256(new Uint8Array(await back.arrayBuffer()))).toBe(sha256(bytes));
      const onDisk = join(directory, _id);
      expect(existsSync(onDisk) && statSync(onDisk).size).toBe(type === "FileSystem" && bytes.length);
    },
  );

  it("are for the members of their room; by two settings for who may read it, or for everybody with a login", async () => {
    const base = environmentOf("members");
    const server = await start(base);
    const admin = await login(server);
    const guest = { username: "guest", name: "Guest", email: "guest@localhost", password: PASSWORD };
    await call(server, "POST", "/api/v1/users.create", admin, { ...guest, joinDefaultChannels: false });
    const session = await login(server, "guest");
    const made = await call(server, "POST", "/api/v1/groups.create", session, { name: "guests" });
    const { _id: group } = made.body["group"] as { _id: string };
    const files = [
      await upload(server, admin, randomBytes(9)),
      await upload(server, session, randomBytes(9), group),
    ];
    const urls = files.map(({ body }) => (body["file"] as { url: string }).url);
    await server.stop();

    const statuses = async (toMembers: boolean, toReaders: boolean) => {
      const at = await start({
        ...base,
        OVERWRITE_SETTING_FileUpload_Restrict_to_room_members: String(toMembers),
        OVERWRITE_SETTING_FileUpload_Restrict_to_users_who_can_access_room: String(toReaders),
      });
      const answers = await Promise.all(urls.map((url) => fetch(at.url + url, { headers: admin })));
      await at.stop();
      return answers.map(({ status }) => status);
    };
    expect(await statuses(true, false)).toEqual([200, 403]);
    expect(await statuses(false, true)).toEqual([200, 403]);
    expect(await statuses(true, true)).toEqual([403, 403]);
    expect(await statuses(false, false)).toEqual([200, 200]);
  });

  it("end with the API's own error above FileUpload_MaxFileSize, and leave nothing", async () => {
    const directory = join(work, "uploads-limit");
    mkdirSync(directory);
    const server = await start({
      ...environmentOf("limit"),
      OVERWRITE_SETTING_FileUpload_Storage_Type: "FileSystem",
      OVERWRITE_SETTING_FileUpload_FileSystemPath: directory,
      OVERWRITE_SETTING_FileUpload_MaxFileSize: "2000000",
    });
    const session = await login(server);
    const refused = await upload(server, session, randomBytes(2_000_001));
    expect(refused).toMatchObject({
      status: 400,
      body: { success: false, errorType: "error-file-too-large" },
    });
    expect(execFileSync("ls", ["-A", directory]).toString()).toBe("");
    expect((await upload(server, session, randomBytes(2_000_000))).status).toBe(200);
  });
});

describe("the process", () => {
  it("limits calls of one endpoint from one address, and not the administrator's", async () => {
    const server = await start(environmentOf("limiter"));
    const session = await login(server);
    const statuses = async (count: number, headers: Headers) => {
      const answers: number[] = [];
      for (let n = 0; n < count; n++)
        answers.push((await call(server, "GET", "/api/v1/settings.public", headers)).status);
      return answers;
    };
    expect(new Set(await statuses(12, session))).toEqual(new Set([200]));
    const behindProxy = (address: string) => ({ "x-forwarded-for": address });
    expect(await statuses(11, behindProxy("192.0.2.1"))).toEqual([...Array<number>(10).fill(200), 429]);
    expect(await statuses(1, behindProxy("192.0.2.2"))).toEqual([200]);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("ends on %s with code %i, without waiting for a request in flight", async (signal, code) => {
    const server = await start(environmentOf("signals"));
    const inFlight = fetch(`${server.url}/standin/slow?ms=600000`).then(
      () => "answered",
      () => "cut",
    );
    await call(server, "GET", "/standin/boot");
    server.process.kill(signal);
    expect(await server.exited).toBe(code);
    expect(await inFlight).toBe("cut");
  });

  it("says on its page and in its log that it is a stand-in", async () => {
    const server = await start({ ...environmentOf("page"), OVERWRITE_SETTING_Site_Name: "A <b> & c" });
    expect(server.output()).toMatch(/^STAND-IN for Rocket\.Chat 8\.5\.3.*for tests only$/m);
    expect(server.output()).toContain("SERVER RUNNING");
    const page = await fetch(server.url);
    expect(page.headers.get("x-stand-in")).toBe("rocketchat");
    const html = await page.text();
    expect(html).toContain("<title>STAND-IN for Rocket.Chat</title>");
    expect(html).toContain("A &lt;b&gt; &amp; c");
  });
});

// ---- the stand-in as a process ----

type Environment = Record<string, string | undefined>;
type Headers = Record<string, string>;
type Server = Awaited<ReturnType<typeof launch>>;

/** The environment of a workspace of its own, in database `name` of the one mongod. */
function environmentOf(name: string): Environment {
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

async function launch(environment: Environment) {
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

async function start(environment: Environment): Promise<Server> {
  const server = await launch(environment);
  await server.ready();
  return server;
}

/** What the process says before it ends with 1. */
async function refusalOf(environment: Environment): Promise<string> {
  const server = await launch(environment);
  expect(await server.exited).toBe(1);
  return server.output();
}

async function call(server: Server, method: string, path: string, headers: Headers = {}, body?: unknown) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(server.url + path, { method, headers, ...json });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The status of /readyz, which must come before a health check gives up. */
async function readiness(server: Server): Promise<number> {
  return (await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(10_000) })).status;
}

async function login(server: Server, user = "admin", password = PASSWORD): Promise<Headers> {
  const { body } = await call(server, "POST", "/api/v1/login", {}, { user, password });
  const { authToken, userId } = body["data"] as { authToken: string; userId: string };
  return { "x-auth-token": authToken, "x-user-id": userId };
}

async function statusOfLogin(server: Server, password: string): Promise<number> {
  return (await call(server, "POST", "/api/v1/login", {}, { user: "admin", password })).status;
}

async function publicSettings(server: Server): Promise<Record<string, unknown>> {
  const { body } = await call(server, "GET", "/api/v1/settings.public");
  return Object.fromEntries(
    (body["settings"] as { _id: string; value: unknown }[]).map(({ _id, value }) => [_id, value]),
  );
}

async function report(server: Server): Promise<{ variable: string }[]> {
  return (await call(server, "GET", "/standin/report")).body as unknown as { variable: string }[];
}

function post(server: Server, session: Headers, text: string) {
  return call(server, "POST", "/api/v1/chat.postMessage", session, { channel: "#general", text });
}

/** The texts in #general, newest first. */
async function textsOf(server: Server, session: Headers): Promise<string[]> {
  const { body } = await call(server, "GET", "/api/v1/channels.messages?roomName=general", session);
  return (body["messages"] as { msg: string }[]).map(({ msg }) => msg);
}

async function upload(server: Server, headers: Headers, bytes: Uint8Array<ArrayBuffer>, room = "GENERAL") {
  const body = new FormData();
  body.set("file", new Blob([bytes], { type: "application/octet-stream" }), "random.bin");
  const response = await fetch(`${server.url}/api/v1/rooms.media/${room}`, { method: "POST", headers, body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

/** Asks until the answer is true; fails after 30 s. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${condition.toString()}`);
    await sleep(50);
  }
}

/** A DDP client that reads its messages in order. */
class Ddp {
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

class Mongod {
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
