import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import {
  call,
  cleanups,
  Ddp,
  environmentOf,
  factor,
  type Headers,
  launch,
  login,
  mongo,
  Mongod,
  PASSWORD,
  post,
  prepareStandIns,
  publicSettings,
  readiness,
  refusalOf,
  report,
  sha256,
  start,
  statusOfLogin,
  textsOf,
  until,
  upload,
  work,
} from "./standin";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });
prepareStandIns();

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
    const changed = await call(
      first,
      "POST",
      "/api/v1/settings/FileUpload_MaxFileSize",
      { ...session, ...factor(PASSWORD) },
      { value: 5 },
    );
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
    expect((await call(server, "GET", "/livez")).status).toBe(503);
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

  it("calls itself neither alive nor ready when its event loop lags, as Rocket.Chat does, and is healthy", async () => {
    const server = await start({ ...environmentOf("lag"), EVENT_LOOP_LAG_MS: "1" });
    for (const [path, status] of [
      ["/livez", 503],
      ["/readyz", 503],
      ["/health", 200],
    ] as const) {
      // Each answer begins to count anew, and needs a moment's worth.
      await until(async () => (await call(server, "GET", path)).status === status);
    }
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
      type: "webhook-outgoing",
      enabled: true,
      username: "rocket.cat",
      scriptEnabled: false,
      channel: "#general",
      urls: ["http://127.0.0.1:9/"],
      triggerWords: ["!a"],
    };
    const made = ["sendMessage", "fileUploaded"].map((event) =>
      call(server, "POST", "/api/v1/integrations.create", session, { ...hook, name: event, event }),
    );
    const words = (await Promise.all(made)).map(
      ({ body }) => (body["integration"] as { triggerWords?: string[] }).triggerWords,
    );
    expect(words).toEqual([["!a"], undefined]);
  });

  it("answer under another name only as somebody who may; whoever asked hears of the refusal, and the question is stored", async () => {
    const server = await start(environmentOf("impersonate"));
    const session = await login(server);
    const script = 'class Script { prepare_outgoing_request() { return { message: { text: "answer" } }; } }';
    const hook = {
      type: "webhook-outgoing",
      name: "a",
      enabled: true,
      username: "rocket.cat",
      event: "sendMessage",
      channel: "#general",
      urls: ["http://127.0.0.1:9/"],
      scriptEnabled: true,
      script,
      emoji: ":ship:",
    };
    const { body } = await call(server, "POST", "/api/v1/integrations.create", session, {
      ...hook,
      impersonateUser: true,
      alias: "A",
    });
    const { _id: integrationId, token } = body["integration"] as { _id: string; token: string };
    const change = (look: object) =>
      call(server, "PUT", "/api/v1/integrations.update", session, { ...hook, integrationId, token, ...look });

    expect(await post(server, session, "first")).toMatchObject({
      status: 400,
      body: { success: false, error: "Not enough permission" },
    });
    await change({ alias: "", impersonateUser: true });
    expect((await post(server, session, "second")).status).toBe(200);
    await change({ alias: "A", impersonateUser: false });
    expect((await post(server, session, "third")).status).toBe(200);
    expect(await textsOf(server, session)).toEqual(["answer", "third", "answer", "second", "first"]);
  });
});

describe("accounts that an administrator makes", () => {
  const account = { username: "d", name: "D", email: "d@example.org", password: "Other-horse-2" };

  it("wait for approval unless they are made active, under one of the domains that are allowed", async () => {
    const server = await start({
      ...environmentOf("approval"),
      OVERWRITE_SETTING_Accounts_ManuallyApproveNewUsers: "true",
      OVERWRITE_SETTING_Accounts_AllowedDomainsList: "example.org, example.net",
    });
    const admin = await login(server);
    const make = async (more: object) => {
      const { body } = await call(server, "POST", "/api/v1/users.create", admin, { ...account, ...more });
      return (body["user"] as { active: boolean } | undefined)?.active ?? body["errorType"];
    };
    expect([
      await make({}),
      await make({ username: "e", email: "e@example.net", active: true }),
      await make({ username: "f", email: "f@chat.example.org", active: true }),
    ]).toEqual([false, true, "error-invalid-domain"]);
  });

  it("log in with a verified address where one is wanted", async () => {
    const server = await start({
      ...environmentOf("verified"),
      OVERWRITE_SETTING_Accounts_EmailVerification: "true",
    });
    const admin = await login(server);
    const { body } = await call(server, "POST", "/api/v1/users.create", admin, account);
    const { _id: userId } = body["user"] as { _id: string };
    const status = async () => {
      const { username: user, password } = account;
      return (await call(server, "POST", "/api/v1/login", {}, { user, password })).status;
    };
    expect(await status()).toBe(401);
    const sure = { ...admin, ...factor(PASSWORD) };
    await call(server, "POST", "/api/v1/users.update", sure, { userId, data: { verified: true } });
    expect(await status()).toBe(200);
  });
});

describe("settings", () => {
  it("are those of 8.x; what is hidden or there to be read is refused without a reason", async () => {
    const server = await start(environmentOf("sealed"));
    const session = { ...(await login(server)), ...factor(PASSWORD) };
    const write = async (id: string, value: unknown) => {
      const { status, body } = await call(server, "POST", `/api/v1/settings/${id}`, session, { value });
      return [status, body["error"]];
    };
    expect(await write("Omnigateway_Url", "x")).toEqual([400, ""]);
    expect(await write("Deployment_FingerPrint_Verified", false)).toEqual([400, ""]);
    expect(await write("WebRTC_Enabled", true)).toEqual([
      400,
      "Setting WebRTC_Enabled not found [error-setting-not-found]",
    ]);
    expect(await write("API_EmbedTimeout", 5)).toEqual([200, undefined]);
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
    expect(server.output()).toMatch(/^STAND-IN for Rocket\.Chat 8\.8\.1.*for tests only$/m);
    expect(server.output()).toContain("SERVER RUNNING");
    const page = await fetch(server.url);
    expect(page.headers.get("x-stand-in")).toBe("rocketchat");
    const html = await page.text();
    expect(html).toContain("<title>STAND-IN for Rocket.Chat</title>");
    expect(html).toContain("A &lt;b&gt; &amp; c");
  });
});
