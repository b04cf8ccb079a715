import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Workspace } from "../components/workspace/workspace";
import { collectionProvider } from "../components/workspace/workspace-collection";
import { ApiFailure, NotReached, onDemand, RestApi } from "../workspace/api";
import { apply, type Known, look, nothing } from "../workspace/collection";
import { administrator } from "../workspace/kinds/administrator";
import { channel, type Channel } from "../workspace/kinds/channel";
import { type SettingValue, setting } from "../workspace/kinds/setting";
import { type Transport, Unreachable } from "../workspace/relay";
import { logIn, type Vault } from "../workspace/session";
import { aResource } from "./fixtures";
import { graphOf, plain, visibleText } from "./graph";
import { failure, type Reply, Script } from "./scripted-server";

/** A host's secrets, as `scripts/host` keeps them. */
function vault(files: Record<string, string>): Vault {
  return {
    read: (name) => Promise.resolve(files[name]),
    write: (name, value) => Promise.resolve(void (files[name] = value)),
    promote: (name, generation) => {
      files[name] = files[`${name}.next`] ?? files[name] ?? "";
      files[`${name}.generation`] = String(generation);
      delete files[`${name}.next`];
      return Promise.resolve();
    },
  };
}

const connection = {
  engine: "unix:///var/run/docker.sock",
  helperImage: "busybox:1.37.0",
  container: "rocketchat",
  port: 3000,
  secretsDirectory: "/opt/rocketchat/secrets",
  administrator: "admin",
};

describe("the API", () => {
  let pauses: number[] = [];
  beforeEach(() => void (pauses = []));
  const api = (transport: Transport) => new RestApi(transport, {}, (ms) => Promise.resolve(pauses.push(ms)));
  const get = (transport: Transport) => api(transport).get("/api/v1/me");
  const post = (transport: Transport) => api(transport).post("/api/v1/x", { password: "hush" });

  it("names endpoint, status and the server's own error, and nothing of what was sent", async () => {
    const error = await post(
      new Script({ "POST /api/v1/x": failure(400, "Invalid user [error-invalid-user]") }),
    ).catch((thrown: unknown) => thrown as Error);

    expect(error).toBeInstanceOf(ApiFailure);
    expect((error as Error).message).toBe(
      "POST /api/v1/x: Rocket.Chat answered 400 (Invalid user [error-invalid-user])",
    );
  });

  it("takes an answer that says no success for a failure, whatever its status", async () => {
    await expect(get(new Script({ "GET /api/v1/me": failure(200, "nope") }))).rejects.toThrow(
      "answered 200 (nope)",
    );
  });

  it("waits as long as it is told when it asks too often", async () => {
    const body = "Error, too many requests. You must wait 30 seconds before trying this endpoint again.";
    const transport = new Script({ "POST /api/v1/x": [{ status: 429, body }, {}] });

    await post(transport);

    expect([transport.asked.length, pauses]).toEqual([2, [30_250]]);
  });

  it("sends again what never reached the server, and no write that may have", async () => {
    const unsent = new Script({ "POST /api/v1/x": [new Unreachable("ECONNREFUSED", false), {}] });
    await post(unsent);
    expect(unsent.asked).toHaveLength(2);

    const sent = new Script({ "POST /api/v1/x": [new Unreachable("socket hang up", true), {}] });
    await expect(post(sent)).rejects.toThrow(NotReached);
    expect(sent.asked).toHaveLength(1);
  });
});

describe("the session", () => {
  const me = { _id: "u1" };
  const login = { data: { userId: "u1", authToken: "t" } };

  it("writes nothing while its token is good", async () => {
    const transport = new Script({ "GET /api/v1/me": me });

    await logIn(new RestApi(transport), vault({ "api-token": "u1 kept\n" }), "admin");

    expect(transport.asked.map(({ headers }) => headers)).toEqual([
      { "X-User-Id": "u1", "X-Auth-Token": "kept" },
    ]);
  });

  it("makes a token that ignores the second factor, with the password as second factor, and keeps it", async () => {
    const files: Record<string, string> = { "admin-password": "hush", "api-token": "u1 stale" };
    const transport = new Script({
      "POST /api/v1/login": login,
      "GET /api/v1/me": [failure(401, "You must be logged in to do this."), me],
      "GET /api/v1/users.getPersonalAccessTokens": { tokens: [{ name: "pulumi" }] },
      "POST /api/v1/users.removePersonalAccessToken": {},
      "POST /api/v1/users.generatePersonalAccessToken": { token: "new" },
    });

    await logIn(new RestApi(transport), vault(files), "admin");

    expect(files["api-token"]).toBe("u1 new\n");
    expect(transport.writes.slice(1)).toEqual([
      '/api/v1/users.removePersonalAccessToken {"tokenName":"pulumi"}',
      '/api/v1/users.generatePersonalAccessToken {"tokenName":"pulumi","bypassTwoFactor":true}',
    ]);
    expect(transport.asked.at(-1)?.headers["x-2fa-code"]).toHaveLength(64);
  });

  it.each([
    [failure(401, "Unauthorized"), /the password kept on the host must be the one in Rocket.Chat/],
    [failure(401, "totp-required"), /asks for a second factor.*npm run admin:token -- --stack prod$/],
  ])("says what to do when the login is refused", async (reply, message) => {
    vi.stubEnv("PULUMI_STACK", "prod");
    onTestFinished(() => void vi.unstubAllEnvs());
    const transport = new Script({ "POST /api/v1/login": reply });

    await expect(logIn(new RestApi(transport), vault({ "admin-password": "hush" }), "admin")).rejects.toThrow(
      message,
    );
  });
});

describe("a collection", () => {
  const settings = (values: Record<string, SettingValue>) =>
    new Script(
      Object.fromEntries(
        Object.entries(values).flatMap(([id, value]) => [
          [`GET /api/v1/settings/${id}`, { value }],
          [`POST /api/v1/settings/${id}`, {}],
        ]),
      ),
    );

  it("writes only what differs", async () => {
    const transport = settings({ A: 1, B: "x", C: true });

    const known = await apply(new RestApi(transport), setting, { A: 1, B: "y", C: true }, nothing);

    expect(transport.writes).toEqual(['/api/v1/settings/B {"value":"y"}']);
    expect(known.ids).toEqual({ A: "A", B: "B", C: "C" });
  });

  it("reports what is there now, and leaves out what is gone", async () => {
    const known = { items: { A: 1, Gone: 1 }, ids: { A: "A", Gone: "Gone" }, answers: {} };
    const gone = new Script({
      "GET /api/v1/settings/A": { value: 2 },
      "GET /api/v1/settings/Gone": failure(400, "not found"),
    });

    expect((await look(new RestApi(gone), setting, known)).items).toEqual({ A: 2 });
  });

  it("writes a secret that the server does not tell when it changes, and takes it for unchanged otherwise", async () => {
    const masked = () =>
      new Script({ "GET /api/v1/settings/S": { value: "", hasValue: true }, "POST /api/v1/settings/S": {} });
    const known: Known = { items: { S: "old" }, ids: { S: "S" }, answers: {} };
    const writes = async (wanted: string, before = known) => {
      const transport = masked();
      await apply(new RestApi(transport), setting, { S: wanted }, before);
      return transport.writes;
    };

    expect(await writes("old")).toEqual([]);
    expect(await writes("new")).toEqual(['/api/v1/settings/S {"value":"new"}']);
    expect(await writes("old", nothing)).toEqual(['/api/v1/settings/S {"value":"old"}']);
    expect((await look(new RestApi(masked()), setting, known)).items).toEqual({ S: "old" });
  });

  it("leaves a setting that left the program as it is", async () => {
    const transport = settings({ A: 1 });

    await apply(new RestApi(transport), setting, {}, { items: { A: 1 }, ids: { A: "A" }, answers: {} });

    expect(transport.asked).toEqual([]);
  });
});

describe("a channel", () => {
  const room = { _id: "r1", name: "dev", t: "c", topic: "old", archived: true };
  const list = "GET /api/v1/rooms.adminRooms?filter=dev&offset=0&count=100";
  const get = "GET /api/v1/rooms.adminRooms.getRoom?rid=r1";
  const found = { [list]: { rooms: [{ ...room, name: "dev-ops" }, room], total: 2 }, [get]: room };
  const make = (replies: Record<string, Reply | Reply[]>, wanted: Channel, known = nothing) => {
    const transport = new Script({
      "POST /api/v1/rooms.saveRoomSettings": {},
      "POST /api/v1/rooms.changeArchivationState": {},
      ...replies,
    });
    return apply(new RestApi(transport), channel, { dev: wanted }, known).then(() => transport.writes);
  };

  it("is made where there is none, and then given what creation does not take", async () => {
    const missing = { [list]: { rooms: [], total: 0 } };
    const created = { "POST /api/v1/groups.create": { group: { _id: "r1", name: "dev", t: "p", ro: true } } };

    expect(await make({ ...missing, ...created }, { type: "private", topic: "new", readOnly: true })).toEqual(
      [
        '/api/v1/groups.create {"name":"dev","readOnly":true}',
        '/api/v1/rooms.saveRoomSettings {"rid":"r1","roomTopic":"new"}',
      ],
    );
  });

  it("is made as what its type is called", async () => {
    const missing = { [list]: { rooms: [], total: 0 } };
    const created = { "POST /api/v1/channels.create": { channel: { ...room, ro: false } } };

    expect(await make({ ...missing, ...created }, { type: "public", readOnly: false })).toEqual([
      '/api/v1/channels.create {"name":"dev","readOnly":false}',
    ]);
  });

  it("is opened before it is changed when it is archived", async () => {
    const change = [
      '/api/v1/rooms.changeArchivationState {"rid":"r1","action":"unarchive"}',
      '/api/v1/rooms.saveRoomSettings {"rid":"r1","roomType":"p","roomTopic":"new"}',
    ];
    expect(await make(found, { type: "private", topic: "new", archived: false })).toEqual(change);
    const again = '/api/v1/rooms.changeArchivationState {"rid":"r1","action":"archive"}';
    expect(await make(found, { type: "private", topic: "new" })).toEqual([...change, again]);
  });

  it("is left alone where it is as wanted, and in what the settings do not say", async () => {
    expect(await make(found, { type: "public" })).toEqual([]);
  });

  it("gets its name back when it was renamed, and is found by its name when it was made anew", async () => {
    const known = { items: { dev: { type: "public" } }, ids: { dev: "r1" }, answers: {} };
    const renamed = { [get]: { ...room, name: "engineering" } };
    expect((await look(new RestApi(new Script(renamed)), channel, known)).items).toEqual({
      dev: { type: "public", name: "engineering" },
    });
    expect(await make(renamed, { type: "public" }, known)).toContain(
      '/api/v1/rooms.saveRoomSettings {"rid":"r1","roomName":"dev"}',
    );

    const gone = { ...found, [get]: failure(400, "not-allowed [error-not-allowed]") };
    expect(await make(gone, { type: "public" }, known)).toEqual([]);
  });
});

describe("the administrator's password", () => {
  const me = { "GET /api/v1/users.info?username=admin": { user: { _id: "u1" } } };
  const rotate = (files: Record<string, string>, replies: Record<string, Reply>, generation = 2) => {
    const transport = new Script({ ...me, ...replies });
    const wanted = { password: { generation } };
    return apply(new RestApi(transport), administrator(vault(files), "admin"), wanted, nothing).then(
      () => transport.writes,
    );
  };
  const login = { "POST /api/v1/login": { data: { userId: "u1", authToken: "t" } } };
  const refused = { "POST /api/v1/login": failure(401, "Unauthorized") };

  it("is set in Rocket.Chat, and only then the one that counts on the host", async () => {
    const files: Record<string, string> = { "admin-password": "old", "admin-password.next": "new" };

    const writes = await rotate(files, { ...refused, "POST /api/v1/users.update": {} });

    expect(writes.at(-1)).toBe('/api/v1/users.update {"userId":"u1","data":{"password":"new"}}');
    expect(files).toEqual({ "admin-password": "new", "admin-password.generation": "2" });
  });

  it("is known for right where the account asks for a second factor after it", async () => {
    const files: Record<string, string> = { "admin-password": "old", "admin-password.next": "new" };

    await rotate(files, { "POST /api/v1/login": failure(401, "totp-required") });

    expect(files["admin-password"]).toBe("new");
  });

  it("is taken over without a write where a killed deployment had set it", async () => {
    const files: Record<string, string> = {
      "admin-password": "old",
      "admin-password.next": "new",
      "admin-password.generation": "2",
    };

    expect((await rotate(files, login)).map((write) => write.split(" ")[0])).toEqual(["/api/v1/login"]);
    expect(files["admin-password"]).toBe("new");
  });

  it.each(["1", "2"])("is set where a change of it was taken back before it was done", async (generation) => {
    const files: Record<string, string> = {
      "admin-password": "old",
      "admin-password.next": "new",
      "admin-password.generation": generation,
    };

    const writes = await rotate(files, { ...refused, "POST /api/v1/users.update": {} }, 1);

    expect(writes.at(-1)).toBe('/api/v1/users.update {"userId":"u1","data":{"password":"new"}}');
    expect(files).toEqual({ "admin-password": "new", "admin-password.generation": "1" });
  });

  it("stays as it is where no other was ever asked for, and nobody logs in for that", async () => {
    const api = onDemand(() => Promise.reject(new Error("nobody can log in")));
    for (const generation of ["1", "2"]) {
      const files = { "admin-password": "x", "admin-password.generation": generation };
      const items = { password: { generation: 1 } };
      expect(await apply(api, administrator(vault(files), "admin"), items, nothing)).toMatchObject({ items });
    }
  });

  it("is looked at again when the host has another one, though the settings say what they said before", async () => {
    const inputs = { kind: "administrator", connection, items: { password: { generation: 1 } } };
    const before = { ...inputs, basis: "a", ids: {}, answers: {} };
    expect([
      await collectionProvider.diff("administrator", before, { ...inputs, basis: "b" }),
      await collectionProvider.diff("administrator", before, { ...inputs, basis: "a" }),
    ]).toEqual([{ changes: true }, { changes: false }]);
  });

  it("stays as it is once it is the one that is wanted", async () => {
    expect(await rotate({ "admin-password": "new", "admin-password.generation": "2" }, {})).toEqual([]);
  });

  it("refuses an earlier one, which the host does not have any more", async () => {
    await expect(rotate({ "admin-password": "x", "admin-password.generation": "3" }, {})).rejects.toThrow(
      /admin.passwordGeneration: must not be lower/,
    );
  });
});

it("keeps secret values secret, waits for the workspace, and holds no code in the state but the way to it", async () => {
  const { secret } = await import("@pulumi/pulumi");
  const graph = await graphOf(
    () =>
      new Workspace("workspace", {
        connection,
        passwordGeneration: 1,
        passwordBasis: secret("the password"),
        settings: { SMTP_Password: secret("hush") },
        channels: { dev: { type: "public" } },
        objects: { bots: {}, incomingWebhooks: {}, outgoingWebhooks: {}, permissions: {}, roles: {} },
        url: "https://chat.example.org",
        after: [aResource("gate")],
      }),
  );

  const collections = graph.filter(({ parent }) => parent === "workspace");
  expect(collections.map(({ name, inputs }) => [name, String(inputs["kind"])])).toEqual([
    ["workspace-administrator", "administrator"],
    ["workspace-fingerprint", "fingerprint"],
    ["workspace-settings", "settings"],
    ["workspace-channels", "channels"],
    ["workspace-permissions", "permissions"],
    ["workspace-roles", "roles"],
    ["workspace-bots", "bots"],
    ["workspace-incomingWebhooks", "incomingWebhooks"],
    ["workspace-outgoingWebhooks", "outgoingWebhooks"],
    ["workspace-meetings", "meetings"],
  ]);
  expect(visibleText(graph)).not.toContain("hush");
  expect(JSON.stringify(plain(graph.map(({ inputs }) => inputs)))).not.toContain("the password");
  expect(plain(collections[0]?.inputs)).toMatchObject({
    items: { password: { generation: 1 } },
    basis: createHash("sha256").update("the password").digest("hex"),
  });
  expect(JSON.stringify(plain(collections[2]?.inputs))).toContain("hush");
  expect(String(collections[0]?.inputs["__provider"]).length).toBeLessThan(3000);
});
