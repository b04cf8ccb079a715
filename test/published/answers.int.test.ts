// Every endpoint of the stand-in is asked once. Its answers go before the compiler, with what Rocket.Chat publishes of them, and its
// refusals before the validators that Rocket.Chat publishes.
import {
  validateBadRequestErrorResponse,
  validateForbiddenErrorResponse,
  validateNotFoundErrorResponse,
  validateUnauthorizedErrorResponse,
} from "@rocket.chat/rest-typings/dist/v1/Ajv";
import { expect, it, vi } from "vitest";
import {
  call,
  environmentOf,
  factor,
  type Headers,
  login,
  PASSWORD,
  prepareStandIns,
  type Server,
  start,
  upload,
} from "../lab/standin";
import { faultsOf, type Given } from "./judge";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

/** Nothing is published of these: probes, webhooks, files, and what only the stand-in has. */
const unpublished = [
  "GET /file-upload/:id/:name",
  "GET /health",
  "GET /hooks/:integrationId/:token",
  "GET /hooks/:integrationId/:userId/:token",
  "GET /livez",
  "GET /readyz",
  "GET /sockjs/info",
  "POST /hooks/:integrationId/:token",
  "POST /hooks/:integrationId/:userId/:token",
];

const refusals = {
  400: validateBadRequestErrorResponse,
  401: validateUnauthorizedErrorResponse,
  403: validateForbiddenErrorResponse,
  404: validateNotFoundErrorResponse,
};

prepareStandIns();

interface Asked {
  /** The parts of the path. */
  in?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
}

let server: Server;
let headers: Headers = {};
const answers: Given[] = [];

async function logIn(): Promise<void> {
  const { data } = await ask<{ data: { userId: string; authToken: string } }>("POST /api/v1/login", {
    body: { user: "admin", password: PASSWORD },
  });
  headers = { "x-user-id": data.userId, "x-auth-token": data.authToken, ...factor(PASSWORD) };
}

function send(endpoint: string, given: Asked) {
  const [method = "", pattern = ""] = endpoint.split(" ");
  const path = pattern.replace(/:(\w+)/g, (_, part: string) => encodeURIComponent(given.in?.[part] ?? ""));
  return call(server, method, `${path}?${new URLSearchParams(given.query)}`, headers, given.body);
}

async function ask<Body>(endpoint: string, given: Asked = {}): Promise<Body> {
  const { status, body } = await send(endpoint, given);
  expect({ endpoint, status, body }).toMatchObject({ status: 200 });
  answers.push({ endpoint, body });
  return body as Body;
}

const userNamed = (username: string) => ({
  username,
  name: "Somebody",
  email: `${username}@example.org`,
  password: PASSWORD,
});

/** What asks every endpoint at least once. */
const scenes = {
  async oneself() {
    const info = await send("GET /api/info", {});
    // Says of itself what no server does.
    expect(info.body["standIn"]).toBe(true);
    delete info.body["standIn"];
    answers.push({ endpoint: "GET /api/info", body: info.body });
    await ask("GET /api/v1/me");
    await ask("POST /api/v1/fingerprint", { body: { setDeploymentAs: "updated-configuration" } });
    await ask("GET /api/v1/cloud.registrationStatus");
  },

  async settings() {
    await ask("GET /api/v1/settings.public");
    await ask("POST /api/v1/settings/:_id", { in: { _id: "Site_Name" }, body: { value: "Chat" } });
    await ask("GET /api/v1/settings/:_id", { in: { _id: "Site_Name" } });
  },

  async tokens() {
    const body = { tokenName: "ci", bypassTwoFactor: true };
    await ask("POST /api/v1/users.generatePersonalAccessToken", { body });
    await ask("POST /api/v1/users.regeneratePersonalAccessToken", { body: { tokenName: "ci" } });
    await ask("GET /api/v1/users.getPersonalAccessTokens");
    await ask("POST /api/v1/users.removePersonalAccessToken", { body: { tokenName: "ci" } });
  },

  async rooms() {
    const { user } = await ask<{ user: { _id: string } }>("POST /api/v1/users.create", {
      body: userNamed("ann"),
    });
    for (const [kind, key] of [
      ["channels", "channel"],
      ["groups", "group"],
    ] as const) {
      const made = await ask<Record<string, { _id: string }>>(`POST /api/v1/${kind}.create`, {
        body: { name: `some-${kind}`, readOnly: false },
      });
      const roomId = made[key]?._id ?? "";
      const rid = { body: { rid: roomId, roomTopic: "Topic", roomDescription: "What for", default: true } };
      await ask("POST /api/v1/rooms.saveRoomSettings", rid);
      await ask(`POST /api/v1/${kind}.invite`, { body: { roomId, userId: user._id } });
      await ask("GET /api/v1/users.info", { query: { username: "ann", includeUserRooms: "true" } });
      await ask("GET /api/v1/rooms.info", { query: { roomId } });
      await ask(`POST /api/v1/${kind}.kick`, { body: { roomId, userId: user._id } });
      await ask("GET /api/v1/rooms.adminRooms.getRoom", { query: { rid: roomId } });
      await ask("POST /api/v1/rooms.changeArchivationState", { body: { rid: roomId, action: "unarchive" } });
    }
    await ask("GET /api/v1/rooms.adminRooms");
    await ask("GET /api/v1/channels.list");
    await ask("GET /api/v1/channels.info", { query: { roomName: "general" } });
    await ask("POST /api/v1/users.update", { body: { userId: user._id, data: { name: "Anne" } } });
    await ask("POST /api/v1/users.setActiveStatus", { body: { userId: user._id, activeStatus: false } });
  },

  async webhooks() {
    const fields = { name: "hook", username: "rocket.cat", enabled: true, scriptEnabled: false };
    const incoming = { ...fields, type: "webhook-incoming", channel: "#general" };
    const urls = ["http://127.0.0.1:1/"];
    const outgoing = { ...fields, type: "webhook-outgoing", channel: "", event: "sendMessage", urls };
    for (const body of [incoming, { ...outgoing, enabled: false, triggerWords: ["!"] }]) {
      const { integration } = await ask<{ integration: { _id: string; token: string } }>(
        "POST /api/v1/integrations.create",
        { body },
      );
      const integrationId = integration._id;
      const token = body.type === "webhook-outgoing" ? { token: integration.token } : {};
      await ask("PUT /api/v1/integrations.update", {
        body: { ...body, ...token, integrationId, alias: "Hook" },
      });
      await ask("GET /api/v1/integrations.get", { query: { integrationId } });
      if (body === incoming)
        await call(server, "POST", `/hooks/${integrationId}/${integration.token}`, {}, { text: "hello" });
    }
    const { integrations } = await ask<{ integrations: { _id: string; type: string }[] }>(
      "GET /api/v1/integrations.list",
    );
    for (const { _id, type } of integrations)
      await ask("POST /api/v1/integrations.remove", { body: { integrationId: _id, type } });
  },

  async messages() {
    await ask("POST /api/v1/chat.postMessage", { body: { channel: "#general", text: "hello" } });
    const { status, body } = await upload(server, headers, new Uint8Array(10));
    expect(status).toBe(200);
    answers.push({ endpoint: "POST /api/v1/rooms.media/:rid", body });
    const { _id } = body["file"] as { _id: string };
    await ask("POST /api/v1/rooms.mediaConfirm/:rid/:fileId", {
      in: { rid: "GENERAL", fileId: _id },
      body: { msg: "a file" },
    });
    // What the webhook posted is among them.
    const said = { query: { roomName: "general" } };
    const { messages } = await ask<{ messages: { bot?: object }[] }>("GET /api/v1/channels.messages", said);
    expect(messages.map(({ bot }) => bot !== undefined)).toEqual([false, false, true]);
    await ask("GET /api/v1/groups.messages", { query: { roomName: "some-groups" } });
  },

  async grants() {
    await ask("GET /api/v1/permissions.listAll");
    const permissions = [{ _id: "create-c", roles: ["admin", "user"] }];
    await ask("POST /api/v1/permissions.update", { body: { permissions } });
    await ask("POST /api/v1/roles.update", {
      body: { roleId: "user", name: "user", scope: "Users", description: "", mandatory2fa: true },
    });
    await ask("GET /api/v1/roles.list");
  },

  async meetings() {
    const id = "3b387ba9-f57c-44c6-9810-8c0256abd64c";
    const app = (version: string) => ({ appId: id, marketplace: true, version });
    await ask("POST /api/apps", { body: app("2.1.1") });
    await ask("POST /api/apps/:id", { in: { id }, body: app("2.2.0") });
    await ask("GET /api/apps/:id", { in: { id } });
    await ask("GET /api/apps/installed");
    await ask("GET /api/apps/count");
    const { settings } = await ask<{ settings: Record<string, object> }>("GET /api/apps/:id/settings", {
      in: { id },
    });
    const setting = { ...settings["jitsi_domain"], value: "meet.example.org" };
    await ask("POST /api/apps/:id/settings/:settingId", {
      in: { id, settingId: "jitsi_domain" },
      body: { setting },
    });
    const changed = { ...setting, value: "meet.example.net" };
    await ask("POST /api/apps/:id/settings", { in: { id }, body: { settings: [changed] } });
    await ask("POST /api/apps/:id/status", { in: { id }, body: { status: "manually_enabled" } });
    await ask("GET /api/apps/:id/status", { in: { id } });

    await ask("GET /api/v1/video-conference.providers");
    await ask("GET /api/v1/video-conference.capabilities");
    const { data } = await ask<{ data: { callId: string } }>("POST /api/v1/video-conference.start", {
      body: { roomId: "GENERAL" },
    });
    await ask("POST /api/v1/video-conference.join", { body: { callId: data.callId } });
    await ask("DELETE /api/apps/:id", { in: { id } });
  },
};

it("answers as Rocket.Chat's typings say, whatever is asked", async () => {
  server = await start(environmentOf("published"));
  await call(server, "POST", "/standin/registration", {}, { registered: true });
  await call(server, "POST", "/standin/licence", {}, { modules: ["custom-roles"] });
  await logIn();
  for (const scene of Object.values(scenes)) await scene();
  await ask("POST /api/v1/logout");

  const { body } = await call(server, "GET", "/standin/routes");
  const there = (body["routes"] as string[]).filter((route) => !route.includes(" /standin/"));
  const asked = new Set(answers.map(({ endpoint }) => endpoint));
  expect([...asked, ...unpublished].sort()).toEqual(there.sort());
  expect(faultsOf(answers)).toEqual([]);
});

it("is found to answer otherwise", () => {
  const members = { _id: "r1", name: "dev", t: "c", msgs: 0, usersCount: 0, _updatedAt: "2026-01-01" };
  const channel = { ...members, u: { _id: "u1", username: "admin" } };
  const faults = faultsOf([
    { endpoint: "GET /api/v1/channels.info", body: { channel, success: true } },
    { endpoint: "GET /api/v1/channels.info", body: { channel: members, success: true } },
    { endpoint: "GET /api/v1/channels.info", body: { channel: { ...channel, topik: "" }, success: true } },
    { endpoint: "GET /api/v1/channels.info", body: { channel: { ...channel, msgs: "0" }, success: true } },
    { endpoint: "GET /api/v1/channels.info", body: { channel } },
    { endpoint: "POST /api/v1/channels.info", body: { channel, success: true } },
    { endpoint: "GET /api/v1/channels.facts", body: { success: true } },
  ]);
  expect(faults).toEqual(
    [
      /^GET \/api\/v1\/channels.info: .*'u' is missing/,
      /^GET \/api\/v1\/channels.info: .*topik.* does not exist/,
      /^GET \/api\/v1\/channels.info: .*'string' is not assignable to type 'number'/,
      /^GET \/api\/v1\/channels.info: .*'success' is missing/,
      /^POST \/api\/v1\/channels.info: .*"POST"/,
      /^GET \/api\/v1\/channels.facts: .*"\/v1\/channels.facts"/,
    ].map((fault) => expect.stringMatching(fault) as unknown),
  );
});

it("refuses as Rocket.Chat's validators say", async () => {
  server = await start(environmentOf("refusals"));
  const admin = await login(server);
  headers = { ...admin, ...factor(PASSWORD) };
  await ask("POST /api/v1/users.create", { body: userNamed("bob") });
  const cases: [keyof typeof refusals, Headers, string, Asked][] = [
    [400, admin, "GET /api/v1/users.info", { query: { username: "nobody" } }],
    [400, admin, "GET /api/v1/rooms.adminRooms.getRoom", { query: { rid: "nowhere" } }],
    // Asks for the second factor.
    [400, admin, "POST /api/v1/settings/:_id", { in: { _id: "Site_Name" }, body: { value: "x" } }],
    [400, admin, "POST /api/v1/channels.create", { body: { name: "not a name" } }],
    [401, {}, "GET /api/v1/me", {}],
    [403, await login(server, "bob"), "GET /api/v1/rooms.adminRooms", {}],
    [404, admin, "GET /api/apps/:id", { in: { id: "none" } }],
  ];
  for (const [status, session, endpoint, given] of cases) {
    headers = session;
    const answer = await send(endpoint, given);
    expect({ endpoint, status: answer.status }).toEqual({ endpoint, status });
    const isPublished = refusals[status];
    isPublished(answer.body);
    expect({ endpoint, errors: isPublished.errors }).toEqual({ endpoint, errors: null });
  }
});
