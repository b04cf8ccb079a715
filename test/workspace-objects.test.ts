import { describe, expect, it } from "vitest";
import { botTokenOf, secretEntries } from "../components/workspace/workspace-answers";
import { RestApi } from "../workspace/api";
import { apply, type Known, look, nothing } from "../workspace/collection";
import { kinds } from "../workspace/kinds";
import type { Vault } from "../workspace/session";
import { parseSettings } from "../settings/parse";
import type { WorkspaceSettings } from "../settings/workspace";
import { isSecret, valueOf } from "./graph";
import { failure, type Reply, Script } from "./scripted-server";

function parse(workspace: object): WorkspaceSettings {
  const config = {
    hostname: "chat.example.org",
    helperImage: "busybox:1.37.0",
    rocketchat: JSON.stringify({ version: "8.8.1" }),
    mongo: JSON.stringify({ version: "8.0.20" }),
    ingress: JSON.stringify({ version: "3.7.15" }),
    workspace: JSON.stringify(workspace),
  };
  return parseSettings({ stack: "prod", config, secretKeys: new Set() }).workspace;
}

/** The first fault without its fix. */
function faultOf(workspace: object): string {
  try {
    parse(workspace);
  } catch (error) {
    return String(error).split("\n")[1]?.trim().replace("workspace.", "") ?? "";
  }
  return "no fault was found";
}

const hook = { channel: "general" };

describe("settings of webhooks, bots, permissions and roles", () => {
  it.each<[object, string | RegExp]>([
    [{ incomingWebhooks: { "a b": hook } }, /^incomingWebhooks.a b {2}the name must be 1 to 64 letters/],
    [
      { incomingWebhooks: { a: {} } },
      /^incomingWebhooks.a.channel {2}is required \(got nothing\); pulumi config set --path 'rocketchat:workspace.incomingWebhooks.a.channel' general$/,
    ],
    [
      { incomingWebhooks: { a: { channel: "general, ops" } } },
      /^incomingWebhooks.a.channel {2}must be channels such as general or @user/,
    ],
    [
      { incomingWebhooks: { a: { channel: "all_public_channels!" } } },
      /^incomingWebhooks.a.channel {2}must be channels/,
    ],
    [
      { incomingWebhooks: { a: { ...hook, chanel: "x" } } },
      /^incomingWebhooks.a.chanel {2}is not a setting \(got "x"\)/,
    ],
    [
      { incomingWebhooks: { a: { ...hook, emoji: "ship" } } },
      /must be the name of an emoji between colons \(got "ship"\)/,
    ],
    [
      { incomingWebhooks: { a: { ...hook, avatar: "https://me:hush@example.org/a.png" } } },
      /avatar {2}must be an http or https address without a password \(got "https:\/\/me:\*\*\*@example.org\/a.png"\)/,
    ],
    [
      { incomingWebhooks: { a: { ...hook, script: "test/hooks/none.js" } } },
      /script {2}must name a file of at most 64 KiB, from the project's directory \(got "test\/hooks\/none.js"\)/,
    ],
    [
      { incomingWebhooks: { a: { ...hook, script: "package.json" } } },
      /script {2}must name a file with a class Script in JavaScript: it has none \(got "package.json"\)/,
    ],
    [
      { incomingWebhooks: { a: { ...hook, script: "settings/workspace/script-file.ts" } } },
      /must name a file with a class Script in JavaScript: SyntaxError: .*\(got "settings\/workspace\/script-file.ts"\)/,
    ],
    [{ outgoingWebhooks: { a: {} } }, /^outgoingWebhooks.a.urls {2}is required/],
    [
      { outgoingWebhooks: { a: { urls: "ftp://example.org" } } },
      /urls {2}must be http or https addresses without a password/,
    ],
    [
      { outgoingWebhooks: { a: { urls: "http://h/", event: "roomCreated" } } },
      /event {2}must be sendMessage or fileUploaded/,
    ],
    [
      { outgoingWebhooks: { a: { urls: "http://h/", event: "fileUploaded", triggerWords: "!a !b" } } },
      /^outgoingWebhooks.a.triggerWords {2}means nothing with event fileUploaded: only messages have words \(got "!a !b"\); pulumi config rm --path '.*', or set event to sendMessage$/,
    ],
    [
      { outgoingWebhooks: { a: { urls: "http://h/", event: "roomLeft", triggerWordAnywhere: true } } },
      /^outgoingWebhooks.a.triggerWordAnywhere {2}means nothing with event roomLeft/,
    ],
    [
      { outgoingWebhooks: { a: { urls: "http://h/", token: 0 } } },
      /token {2}must be a whole number from 1 to 1000000 \(got 0\)/,
    ],
    [
      { outgoingWebhooks: { a: { urls: "http://h/", username: "admin", alias: "Tickets" } } },
      /^outgoingWebhooks.a.alias {2}needs a poster with the permission message-impersonate, which the roles bot and app have and admin does not \(got "Tickets"\); pulumi config rm --path '.*', or set username to rocket.cat or to one of workspace.bots$/,
    ],
    [
      {
        permissions: { "message-impersonate": { bot: false, app: false } },
        incomingWebhooks: { a: { ...hook, avatar: "https://h/a.png" } },
      },
      /^incomingWebhooks.a.avatar {2}needs a poster with the permission message-impersonate, which no role has and rocket.cat does not/,
    ],
    [
      { registration: { allowedDomains: "example.org" }, bots: { a: {} } },
      /^bots.a.email {2}must be under one of workspace.registration.allowedDomains, example.org \(got "a@chat.example.org"\); set workspace.bots.a.email to a@example.org for instance, or add chat.example.org to workspace.registration.allowedDomains$/,
    ],
    [
      { registration: { allowedDomains: "example.org" }, bots: { a: { email: "a@Example.org" } } },
      /^bots.a.email {2}must be under one of/,
    ],
    [
      { settings: { Accounts_BlockedDomainsList: "example.com, chat.example.org" }, bots: { a: {} } },
      /^bots.a.email {2}must not be under a domain of workspace.settings.Accounts_BlockedDomainsList \(got "a@chat.example.org"\)/,
    ],
    [{ bots: { "a b": {} } }, /^bots.a b {2}the name must be 1 to 64 letters, digits/],
    [
      { bots: { a: { roles: "user" } } },
      /^bots.a.roles {2}must be ids of roles with blanks between them, "bot" among them \(got "user"\)/,
    ],
    [{ bots: { a: { email: "nobody" } } }, /^bots.a.email {2}must be an e-mail address/],
    [
      { bots: { a: { token: "1" } } },
      /^bots.a.token {2}must be a whole number from 1 to 1000000 \(got "1"\)/,
    ],
    [
      { permissions: { "creat-c": { user: false } } },
      /^permissions.creat-c {2}the name must be a permission of Rocket.Chat: did you mean create-c or create-d\? \(got "creat-c"\)/,
    ],
    [
      { permissions: { "create-c": { user: "no" } } },
      /^permissions.create-c.user {2}must be true or false \(got "no"\)/,
    ],
    [{ permissions: { "create-c": true } }, /^permissions.create-c {2}must be entries by name \(got true\)/],
    [{ roles: { admin: {} } }, /^roles.admin.mandatory2fa {2}is required/],
    [
      { roles: { "all admins": { mandatory2fa: true } } },
      /^roles.all admins {2}the name must be the id of a role/,
    ],
  ])("refuses %j", (workspace, fault) => expect(faultOf(workspace)).toMatch(fault));

  it("fills in what is left out, and takes channels with and without #", () => {
    expect(parse({ incomingWebhooks: { a: { channel: "general #ops @ann" } } }).incomingWebhooks).toEqual({
      a: {
        enabled: true,
        channel: ["#general", "#ops", "@ann"],
        username: "rocket.cat",
        overrideChannel: false,
      },
    });
    expect(
      parse({ outgoingWebhooks: { a: { urls: "http://h/", triggerWords: "!t ?" } } }).outgoingWebhooks,
    ).toEqual({
      a: {
        enabled: true,
        urls: ["http://h/"],
        channel: ["all_public_channels"],
        event: "sendMessage",
        triggerWords: ["!t", "?"],
        triggerWordAnywhere: false,
        username: "rocket.cat",
        token: 1,
      },
    });
    expect(parse({ bots: { Deployer: {} } }).bots).toEqual({
      Deployer: {
        name: "Deployer",
        email: "deployer@chat.example.org",
        roles: ["bot", "user"],
        channels: [],
      },
    });
  });

  it.each<[string, object]>([
    ["rocket.cat", { outgoingWebhooks: { a: { urls: "http://h/", alias: "A" } } }],
    ["a bot", { bots: { b: {} }, outgoingWebhooks: { a: { urls: "http://h/", username: "b", alias: "A" } } }],
    [
      "an administrator who may",
      {
        permissions: { "message-impersonate": { admin: true } },
        outgoingWebhooks: { a: { urls: "http://h/", username: "admin", alias: "A" } },
      },
    ],
    [
      "the poster of an incoming webhook, which makes it a bot",
      {
        incomingWebhooks: { i: { ...hook, username: "ann" } },
        outgoingWebhooks: { a: { urls: "http://h/", username: "ann", avatar: "https://h/a.png" } },
      },
    ],
    [
      "nobody else, with an emoji",
      { outgoingWebhooks: { a: { urls: "http://h/", username: "admin", emoji: ":ship:" } } },
    ],
    [
      "an account that the server knows",
      { outgoingWebhooks: { a: { urls: "http://h/", username: "ann", alias: "A" } } },
    ],
  ])("lets %s post under another name", (_, workspace) =>
    expect(faultOf(workspace)).toBe("no fault was found"),
  );

  it("leaves a permission that is like no known one to the server's judgement, and reads a script", () => {
    // Only licensed servers have it, and it is not far from manage-livechat-agents.
    const permissions = { "manage-livechat-tags": { user: true } };
    expect(parse({ permissions }).permissions).toEqual(permissions);
    const { script } = parse({ incomingWebhooks: { a: { ...hook, script: "test/hooks/shout.js" } } })
      .incomingWebhooks.a!;
    expect(script).toContain("class Script");
  });
});

/** Makes a collection, and answers what was written and what came of it, or the error. */
async function made(
  kind: string,
  wanted: object,
  replies: Record<string, Reply | Reply[]>,
  known: Known = nothing,
) {
  const server = new Script(replies);
  const outcome = await apply(
    new RestApi(server),
    kinds(vault, "admin", new RestApi(server))[kind]!,
    wanted as Known["items"],
    known,
  ).catch((error: unknown) => (error as Error).message);
  return { writes: server.writes, asked: server.asked, outcome };
}

/** No kind here needs it. */
const vault = {} as Vault;
const page = (...integrations: object[]) => ({ integrations, total: integrations.length });
const list = "GET /api/v1/integrations.list?offset=0&count=100";

describe("an incoming webhook", () => {
  const wanted = {
    enabled: true,
    channel: ["#general", "#ops"],
    username: "rocket.cat",
    overrideChannel: false,
  };
  const stored = {
    _id: "i1",
    type: "webhook-incoming",
    name: "deploys",
    token: "t/1",
    enabled: true,
    username: "rocket.cat",
    channel: ["#general", "#ops"],
    scriptEnabled: false,
    alias: "",
    script: null,
  };

  it("is made once, and its answer is the path of its address", async () => {
    const { writes, outcome } = await made(
      "incomingWebhooks",
      { deploys: { ...wanted, alias: "D" } },
      {
        [list]: page(),
        "POST /api/v1/integrations.create": { integration: stored },
      },
    );
    expect(writes).toEqual([
      '/api/v1/integrations.create {"type":"webhook-incoming","name":"deploys","enabled":true,"username":"rocket.cat","alias":"D","avatar":"","emoji":"","script":"","channel":"#general,#ops","scriptEnabled":false,"overrideDestinationChannelEnabled":false}',
    ]);
    expect(outcome).toMatchObject({ ids: { deploys: "i1" }, answers: { deploys: "/hooks/i1/t%2F1" } });
  });

  it("is found by its name when the state is lost, with the address it had", async () => {
    const { writes, outcome } = await made(
      "incomingWebhooks",
      { deploys: wanted },
      {
        [list]: page({ ...stored, type: "webhook-outgoing" }, stored),
      },
    );
    expect(writes).toEqual([]);
    expect(outcome).toMatchObject({ answers: { deploys: "/hooks/i1/t%2F1" } });
  });

  it("shows what was changed by hand, its name too, and what somebody added", async () => {
    const changed = { ...stored, name: "mine", enabled: false, alias: "Me" };
    const known = { items: { deploys: wanted }, ids: { deploys: "i1" }, answers: {} };
    const api = new RestApi(new Script({ [list]: page(changed) }));
    const { items } = await look(api, kinds(vault, "admin", api)["incomingWebhooks"]!, known);
    expect(items["deploys"]).toEqual({ ...wanted, enabled: false, alias: "Me", name: "mine" });
  });

  it("is refused when two have its name, since nobody can say which one is meant", async () => {
    const { outcome } = await made(
      "incomingWebhooks",
      { deploys: wanted },
      { [list]: page(stored, { ...stored, _id: "i2" }) },
    );
    expect(outcome).toMatch(
      /the name must be of one webhook-incoming \(got 2 in Rocket.Chat\); rename or remove/,
    );
  });

  describe("with a script that Rocket.Chat cannot compile", () => {
    const scriptError = { name: "SyntaxError", message: "Unexpected token" };
    const script = "class Script {";
    const broken = { ...stored, script, scriptEnabled: true, scriptError };
    const refusal =
      /script: must be JavaScript that Rocket.Chat can compile \(got SyntaxError: Unexpected token\)/;

    it("does not pass for done, the second time neither", async () => {
      const wants = { deploys: { ...wanted, script } };
      const create = { "POST /api/v1/integrations.create": { integration: broken } };
      const update = { "PUT /api/v1/integrations.update": { integration: broken } };
      const first = await made("incomingWebhooks", wants, { [list]: page(), ...create });
      const second = await made("incomingWebhooks", wants, { [list]: page(broken), ...update });
      expect([first.outcome, second.outcome]).toEqual(Array(2).fill(expect.stringMatching(refusal)));
    });

    it("is done without it, though Rocket.Chat keeps the fault", async () => {
      const without = { ...broken, script: "", scriptEnabled: false };
      const update = { "PUT /api/v1/integrations.update": { integration: without } };
      const first = await made("incomingWebhooks", { deploys: wanted }, { [list]: page(broken), ...update });
      const second = await made("incomingWebhooks", { deploys: wanted }, { [list]: page(without) });
      expect([first.writes.length, second.writes.length]).toEqual([1, 0]);
      expect([first.outcome, second.outcome]).toMatchObject(Array(2).fill({ ids: { deploys: "i1" } }));
    });
  });

  it("is removed when it leaves the settings", async () => {
    const known = { items: { deploys: wanted }, ids: { deploys: "i1" }, answers: {} };
    const { writes } = await made(
      "incomingWebhooks",
      {},
      { [list]: page(stored), "POST /api/v1/integrations.remove": {} },
      known,
    );
    expect(writes).toEqual(['/api/v1/integrations.remove {"type":"webhook-incoming","integrationId":"i1"}']);
  });
});

describe("an outgoing webhook", () => {
  const wanted = {
    enabled: true,
    channel: ["#ops"],
    username: "rocket.cat",
    event: "sendMessage",
    urls: ["http://h/"],
    triggerWordAnywhere: false,
    token: 1,
  };
  const stored = {
    _id: "o1",
    type: "webhook-outgoing",
    name: "t",
    token: "made-by-hand",
    enabled: true,
    channel: ["#ops"],
    username: "rocket.cat",
    event: "sendMessage",
    urls: ["http://h/"],
    scriptEnabled: false,
  };

  it.each<[string, object, boolean]>([
    ["alias", { alias: "Tickets" }, false],
    ["avatar", { avatar: "https://h/a.png" }, false],
    ["alias", { alias: "Tickets" }, true],
  ])("is refused with an %s that its poster may not bear, before it is written", async (key, look, there) => {
    const listed = there ? page(stored) : page();
    const { writes, outcome } = await made(
      "outgoingWebhooks",
      { t: { ...wanted, ...look, username: "ann" } },
      {
        [list]: listed,
        "GET /api/v1/permissions.listAll": {
          update: [{ _id: "message-impersonate", roles: ["bot", "app"] }],
        },
        "GET /api/v1/users.info?username=ann": { user: { roles: ["user"] } },
      },
    );
    expect(writes).toEqual([]);
    expect(outcome).toBe(
      `t: ${key}: needs a poster with the permission message-impersonate (got ann, with user); remove ${key}, set username to rocket.cat or to one of workspace.bots, or give ann a role that has it (bot, app)`,
    );
  });

  it("keeps the token of one that was there before", async () => {
    const { writes, outcome } = await made("outgoingWebhooks", { t: wanted }, { [list]: page(stored) });
    expect(writes).toEqual([]);
    expect(outcome).toMatchObject({ answers: { t: "made-by-hand" } });
  });

  it("has no words with another event, though Rocket.Chat keeps those that it had before", async () => {
    const left = { ...stored, event: "roomLeft", triggerWords: ["!ticket"] };
    const wants = { t: { ...wanted, event: "roomLeft" } };
    const { writes } = await made("outgoingWebhooks", wants, { [list]: page(left) });
    expect(writes).toEqual([]);
  });

  it("gets a new token for another generation, and no other change takes its token away", async () => {
    const update = { "PUT /api/v1/integrations.update": { integration: stored } };
    const rotated = await made(
      "outgoingWebhooks",
      { t: { ...wanted, token: 2 } },
      { [list]: page(stored), ...update },
    );
    expect(rotated.writes[0]).toMatch(/"token":"2\.[\w-]{32}"/);

    const changed = await made(
      "outgoingWebhooks",
      { t: { ...wanted, triggerWords: ["!"] } },
      { [list]: page(stored), ...update },
    );
    expect(changed.writes[0]).toMatch(/"triggerWords":\["!"\].*"token":"made-by-hand"/);
  });
});

describe("a bot", () => {
  const wanted = {
    name: "D",
    email: "d@h",
    roles: ["bot", "user"],
    channels: ["ops"],
    active: true,
    token: 1,
  };
  const stored = {
    _id: "u1",
    username: "d",
    name: "D",
    emails: [{ address: "d@h" }],
    roles: ["user", "bot"],
    active: true,
  };
  const info = (query: string) => `GET /api/v1/users.info?${query}&includeUserRooms=true`;
  const inOps = [{ rid: "r1", name: "ops", t: "c" }];
  const verification = "GET /api/v1/settings/Accounts_EmailVerification";
  const calls = {
    [verification]: { _id: "Accounts_EmailVerification", value: false },
    "POST /api/v1/users.create": { user: stored },
    "GET /api/v1/rooms.adminRooms?filter=ops&offset=0&count=100": {
      rooms: [{ _id: "r1", name: "ops", t: "p" }],
      total: 1,
    },
    "POST /api/v1/groups.invite": {},
    "POST /api/v1/users.update": {},
    "POST /api/v1/users.setActiveStatus": {},
    "POST /api/v1/login": { data: { userId: "u1", authToken: "login" } },
    "POST /api/v1/users.generatePersonalAccessToken": { token: "new" },
    "POST /api/v1/logout": {},
  };
  const paths = (writes: string[]) => writes.map((write) => write.split(" ")[0]?.replace("/api/v1/", ""));
  const known = (token = 1): Known => ({
    items: { d: { ...wanted, token } },
    ids: { d: "u1" },
    answers: { d: `u1 old ${token}` },
  });

  it("is made, joins its channels, and makes its own token with a password that nobody keeps", async () => {
    const { writes, asked, outcome } = await made(
      "bots",
      { d: wanted },
      { ...calls, [info("username=d")]: failure(400, "User not found.") },
    );
    expect(paths(writes)).toEqual([
      "users.create",
      "groups.invite",
      "users.update",
      "login",
      "users.generatePersonalAccessToken",
      "logout",
    ]);
    expect(outcome).toMatchObject({ answers: { d: "u1 new 1" } });
    const [create, , update, login, generate] = writes;
    expect(create).toMatch(/"joinDefaultChannels":false/);
    // Manual approval is for people.
    expect(create).toMatch(/"active":true/);
    // Of a verified address Rocket.Chat wants a code by e-mail.
    expect([create, update].join()).not.toContain("verified");
    const passwordIn = (write = "") => /"password":"([^"]{24})"/.exec(write)?.[1];
    expect(passwordIn(login)).toBe(passwordIn(update));
    expect(passwordIn(login)).not.toBe(passwordIn(create));
    expect(generate).toContain('{"tokenName":"pulumi","bypassTwoFactor":false}');
    const asBot = asked.find(({ path }) => path.endsWith("generatePersonalAccessToken"))?.headers;
    expect(asBot).toMatchObject({ "X-User-Id": "u1", "X-Auth-Token": "login", "x-2fa-method": "password" });
  });

  it("is activated where it was made inactive all the same", async () => {
    const { writes } = await made(
      "bots",
      { d: { ...wanted, token: undefined, channels: [] } },
      {
        ...calls,
        "POST /api/v1/users.create": { user: { ...stored, active: false } },
        [info("username=d")]: failure(400, "User not found."),
      },
    );
    expect(writes.slice(1)).toEqual(['/api/v1/users.setActiveStatus {"userId":"u1","activeStatus":true}']);
  });

  it("has its address shown to be its own where nobody logs in without", async () => {
    const { writes } = await made(
      "bots",
      { d: wanted },
      {
        ...calls,
        [verification]: { _id: "Accounts_EmailVerification", value: true },
        [info("username=d")]: failure(400, "User not found."),
      },
    );
    expect(writes.find((write) => write.includes("users.update"))).toMatch(
      /"password":"[^"]{24}","verified":true/,
    );
  });

  it("is refused with its key where the workspace takes no addresses of that domain", async () => {
    const { outcome } = await made(
      "bots",
      { d: wanted },
      {
        ...calls,
        "POST /api/v1/users.create": failure(
          400,
          "The email domain is not in whitelist [error-invalid-domain]",
        ),
        [info("username=d")]: failure(400, "User not found."),
      },
    );
    expect(outcome).toMatch(
      /^d: email: must be under a domain that the workspace takes \(got d@h: .*error-invalid-domain.*\); set email/,
    );
  });

  it("is left alone while its token is good, whatever the order of its roles and whatever else it is in", async () => {
    const rooms = [...inOps, { rid: "r2", name: "other", t: "c" }];
    const good = { [info("userId=u1")]: { user: { ...stored, rooms } }, "GET /api/v1/me": {} };
    const { writes, outcome } = await made("bots", { d: wanted }, good, known());
    expect(writes).toEqual([]);
    expect(outcome).toMatchObject({ answers: { d: "u1 old 1" } });
  });

  it.each<[string, object, Reply, Known, string[]]>([
    [
      "another generation",
      { ...wanted, token: 2 },
      {},
      known(),
      ["users.update", "login", "users.generatePersonalAccessToken", "logout"],
    ],
    [
      "a token that was taken away by hand",
      wanted,
      failure(401, "no"),
      known(),
      ["users.update", "login", "users.generatePersonalAccessToken", "logout"],
    ],
    ["no token any more", { ...wanted, token: undefined }, {}, known(), ["users.update"]],
  ])("changes nothing but its token for %s", async (_why, bot, me, before, expected) => {
    const replies = {
      ...calls,
      [info("userId=u1")]: { user: { ...stored, rooms: inOps } },
      "GET /api/v1/me": me,
    };
    const item = JSON.parse(JSON.stringify(bot)) as object;
    expect(paths((await made("bots", { d: item }, replies, before)).writes)).toEqual(expected);
  });

  describe("that the state does not know", () => {
    const there = (over: object) => ({
      ...calls,
      [info("username=d")]: { user: { ...stored, rooms: [], ...over } },
      "GET /api/v1/me": {},
    });

    it.each([
      ["is an administrator", { roles: ["admin", "user"] }, "roles"],
      ["has another address", { emails: [{ address: "human@h" }] }, "email"],
      ["is somebody else's by name and address", { name: "Dora", emails: [] }, "name and email"],
      ["is a bot that somebody made", { roles: ["bot", "livechat-agent"] }, "roles"],
    ])("is not taken over when it %s: nothing of it is changed", async (_who, over, differs) => {
      const { writes, outcome } = await made("bots", { d: wanted }, there(over), nothing);
      expect(outcome).toContain(
        `d: must be an account that this stack made, or none (got one with other ${differs}, and the roles `,
      );
      expect(writes).toEqual([]);
    });

    it("is finished when a killed deployment made it, and found again after the state was lost", async () => {
      for (const over of [{}, { rooms: inOps }, { active: false }]) {
        const { writes } = await made("bots", { d: wanted }, there(over), nothing);
        expect(paths(writes)).toContain("users.generatePersonalAccessToken");
      }
    });

    it("is not taken over when it was made by hand in place of one that was deleted", async () => {
      const other = {
        ...there({ _id: "u2", roles: ["user"] }),
        [info("userId=u1")]: failure(400, "User not found"),
      };
      const { writes, outcome } = await made("bots", { d: wanted }, other, known());
      expect(outcome).toContain("must be an account that this stack made");
      expect(writes).toEqual([]);
    });
  });

  it("is put right where it was changed by hand", async () => {
    const user = { ...stored, username: "x", roles: ["bot", "user", "admin"], active: false, rooms: inOps };
    const { writes } = await made(
      "bots",
      { d: wanted },
      { ...calls, [info("userId=u1")]: { user }, "GET /api/v1/me": {} },
      known(),
    );
    expect(writes).toEqual([
      '/api/v1/users.update {"userId":"u1","data":{"username":"d","roles":["bot","user"]}}',
      '/api/v1/users.setActiveStatus {"userId":"u1","activeStatus":true}',
    ]);
  });

  it("says what to do where the administrator may not invite it", async () => {
    const refused = { "POST /api/v1/groups.invite": failure(400, "Not allowed [error-not-allowed]") };
    const { outcome } = await made(
      "bots",
      { d: wanted },
      { ...calls, ...refused, [info("username=d")]: { user: stored } },
    );
    expect(outcome).toMatch(
      /channels: must be those .* \(got ops: POST .*\); grant add-user-to-any-p-room to admin under workspace.permissions, or invite that administrator there$/,
    );
  });

  it("says what to do where Rocket.Chat wants a second factor of it", async () => {
    const refused = { "POST /api/v1/login": failure(401, "TOTP Required [totp-required]") };
    const { outcome } = await made(
      "bots",
      { d: wanted },
      { ...calls, ...refused, [info("username=d")]: { user: stored } },
    );
    expect(outcome).toMatch(
      /token: must be made without a second factor \(got POST \/api\/v1\/login: .*\); set workspace.twoFactor.email to false until the token is made/,
    );
  });

  it("says which permission it lacks to make a token, and ends its login all the same", async () => {
    const refused = {
      "POST /api/v1/users.generatePersonalAccessToken": failure(400, "Not Authorized [not-authorized]"),
    };
    const { writes, outcome } = await made(
      "bots",
      { d: wanted },
      { ...calls, ...refused, [info("username=d")]: { user: stored } },
    );
    expect(outcome).toMatch(/roles: must have one with the permission create-personal-access-tokens/);
    expect(paths(writes).at(-1)).toBe("logout");
  });

  it.each([
    ["User not found", undefined],
    ["user-last-owner", /d: must not be the only owner of a channel .*; make somebody else an owner there/],
  ])(
    "that leaves the settings may be gone already, and may own nothing alone: %s",
    async (reason, message) => {
      const refused = { "POST /api/v1/users.setActiveStatus": failure(400, reason) };
      const { outcome } = await made("bots", {}, { ...calls, ...refused }, known());
      if (message === undefined) expect(outcome).toEqual(nothing);
      else expect(outcome).toMatch(message);
    },
  );

  it("is deactivated when it leaves the settings, and never deleted", async () => {
    const { writes } = await made("bots", {}, calls, known());
    expect(writes).toEqual(['/api/v1/users.setActiveStatus {"userId":"u1","activeStatus":false}']);
  });
});

describe("a permission", () => {
  const all = (...roles: string[]) => ({
    update: [
      { _id: "create-c", roles },
      { _id: "create-d", roles: [] },
    ],
    remove: [],
  });
  const calls = {
    "GET /api/v1/roles.list": { roles: ["admin", "user", "moderator"].map((_id) => ({ _id, name: _id })) },
    "POST /api/v1/permissions.update": { permissions: [] },
  };
  const listAll = "GET /api/v1/permissions.listAll";

  it("is changed for the roles that are named and no other; roles that are gone are dropped", async () => {
    const { writes } = await made(
      "permissions",
      { "create-c": { user: false, moderator: true } },
      { ...calls, [listAll]: all("admin", "user", "gone") },
    );
    expect(writes).toEqual([
      '/api/v1/permissions.update {"permissions":[{"_id":"create-c","roles":["admin","moderator"]}]}',
    ]);
  });

  it.each([
    [
      { "creete-c": { user: true } },
      "must be a permission of this Rocket.Chat (got creete-c); did you mean create-c or create-d?",
    ],
    [
      { "create-c": { usr: true } },
      "usr: must be the id of a role of this Rocket.Chat (got usr); did you mean user?",
    ],
  ])("is refused when the server does not know it, or the role: %j", async (wanted, message) => {
    expect((await made("permissions", wanted, { ...calls, [listAll]: all("admin") })).outcome).toContain(
      message,
    );
  });

  it("goes back to the default for the roles that it named when it leaves the settings", async () => {
    const known = {
      items: { "create-c": { user: false, moderator: true } },
      ids: { "create-c": "create-c" },
      answers: {},
    };
    const { writes } = await made(
      "permissions",
      {},
      { ...calls, [listAll]: all("admin", "moderator") },
      known,
    );
    expect(writes).toEqual([
      '/api/v1/permissions.update {"permissions":[{"_id":"create-c","roles":["admin","user"]}]}',
    ]);
  });
});

describe("a role", () => {
  const admin = { _id: "admin", name: "admin", description: "Admin", scope: "Users", protected: true };
  const roles = "GET /api/v1/roles.list";
  const wanted = { admin: { mandatory2fa: true } };

  it("keeps its name, scope and description, which the call would empty", async () => {
    const { writes } = await made("roles", wanted, {
      [roles]: { roles: [admin] },
      "POST /api/v1/roles.update": {},
    });
    expect(writes).toEqual([
      '/api/v1/roles.update {"roleId":"admin","name":"admin","description":"Admin","scope":"Users","mandatory2fa":true}',
    ]);
  });

  it("says that the licence is what is missing", async () => {
    const refusal = failure(400, "This is an enterprise feature [error-action-not-allowed]");
    const { outcome } = await made("roles", wanted, {
      [roles]: { roles: [admin] },
      "POST /api/v1/roles.update": refusal,
    });
    expect(outcome).toMatch(
      /mandatory2fa: must be allowed by the workspace's licence, module custom-roles \(got POST \/api\/v1\/roles.update: .*400.*\); apply a licence, or remove the entry/,
    );
  });
});

it("hands out addresses and tokens as secrets", async () => {
  const { output } = await import("@pulumi/pulumi");
  const tokens = secretEntries(output({ d: "u1 token 3" } as Record<string, string>), botTokenOf);
  expect(await valueOf(tokens)).toEqual({ d: { userId: "u1", token: "token" } });
  expect(await isSecret(tokens)).toBe(true);
});
