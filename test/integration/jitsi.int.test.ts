import { createServer, type Server } from "node:https";
import { mkdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Browser, ensureChromium, type Window } from "./browser";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { type Session, Site, until } from "./site";
import { isStandIn } from "./stand-in";
import { Watch } from "./watch";

// The way to a meeting as users have it, in a real browser: by a link, by the app, and from each to the other.
const apart = { prefix: "itj-", httpPort: 19080, httpsPort: 19443 };
const appId = "3b387ba9-f57c-44c6-9810-8c0256abd64c";
const meet = "meet.itj.test";
const day = 86_400_000;
/** The official image has no routes for tests, and cannot be told that it is registered. */
const origin = `https://chat.localhost:${apart.httpsPort}`;
const docker = new DockerCli();
const clone = new Clone("jitsi");
const browser = new Browser();

let site: Site;
let first: Run;
let admin: Session;
let jitsi: Server;
let window: Window;

async function up(...args: string[]): Promise<Run> {
  const run = await clone.npm("up", args);
  expect(run.status, run.output).toBe(0);
  return run;
}

const settings = (value: object | undefined) => clone.configure([["rocketchat:jitsi"], value]);
const api = <T>(method: string, path: string, json?: object) =>
  site.json<T>(method, path, { headers: admin.headers, ...(json && { json }) });
const writes = async () =>
  isStandIn ? (await api<{ writes: string[] }>("GET", "/standin/writes")).writes : [];
const setting = async (id: string) => (await api<{ value: unknown }>("GET", `/api/v1/settings/${id}`)).value;
const post = (channel: string, text: string) => api("POST", "/api/v1/chat.postMessage", { channel, text });

interface App {
  id: string;
  version: string;
  status: string;
}
const apps = async () => (await api<{ apps: App[] }>("GET", "/api/apps/installed")).apps;
const webhooks = async () =>
  (await api<{ integrations: { name: string }[] }>("GET", "/api/v1/integrations.list")).integrations;

interface Room {
  _id: string;
  t: string;
  topic: string;
}

interface Message {
  msg: string;
  alias?: string;
  u: { username: string };
}
const answerIn = (room: string, text: string) =>
  until(`the answer in ${room}`, async () => {
    const { room: of } = await api<{ room: Room }>("GET", `/api/v1/rooms.info?roomName=${room}`);
    const path = `/api/v1/${of.t === "p" ? "groups" : "channels"}.messages?roomId=${of._id}&count=100`;
    const { messages } = await api<{ messages: Message[] }>("GET", path);
    const found = messages.find(({ msg }) => msg === text);
    if (found === undefined) throw new Error(JSON.stringify(messages.map(({ msg }) => msg)));
    return found;
  });

/** A Jitsi server as far as a browser's tab goes; its certificate is of a CA that the browser trusts. */
async function serveMeetings(): Promise<string> {
  const until = {
    notAfterDate: new Date(Date.now() + 30 * day),
    keyType: "ec",
    algorithm: "sha256",
  } as const;
  const ca = await generate([{ name: "commonName", value: "root of the meetings" }], {
    ...until,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  const pair = await generate([{ name: "commonName", value: meet }], {
    ...until,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: meet }] }],
  });
  jitsi = createServer({ cert: pair.cert, key: pair.private }, (_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><html><title>a meeting</title></html>");
  });
  await new Promise<void>((resolve) => jitsi.listen(0, "127.0.0.1", resolve));
  return ca.cert;
}

/** Where a reviewer looks at what the browser showed. */
async function screenshot(name: string): Promise<void> {
  const directory = join(".state", "screenshots");
  mkdirSync(directory, { recursive: true });
  await window.page.screenshot({ path: join(directory, `${name}.png`) });
}

async function openRoom(before?: (page: Page) => Promise<void>): Promise<void> {
  window = await browser.window(origin, {
    userId: admin.headers["x-user-id"]!,
    token: admin.headers["x-auth-token"]!,
  });
  await before?.(window.page);
  await window.page.goto(`${origin}/channel/general`);
  await window.page.locator("textarea[name=msg]").waitFor();
}

async function write(text: string): Promise<void> {
  const composer = window.page.locator("textarea[name=msg]");
  await composer.fill(text);
  await composer.press("Enter");
}

beforeAll(ensureChromium, 600_000);

beforeAll(async () => {
  clone.setApart(apart);
  settings({ domain: meet, topics: true });
  clone.configure([
    ["rocketchat:workspace", "channels"],
    { dev: { topic: "Builds" }, board: { type: "private" } },
  ]);
  first = await up();
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  admin = await site.login("admin", await clone.pulumi("stack", "output", "adminPassword", "--show-secrets"));
  const meetings = await serveMeetings();
  await browser.start([root, meetings], {
    "chat.localhost": apart.httpsPort,
    [meet]: (jitsi.address() as AddressInfo).port,
  });
});

afterAll(async () => {
  jitsi?.close();
  await clone.npm("down", ["--delete-data"], "local\n");
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  clone.remove();
  await browser.close();
});

describe("on a workspace that is not registered", () => {
  it("up says that users get links, why, and where to read how to have more", () => {
    expect(first.output).toContain(
      "meetings: a link, by !jitsi Name or /jitsi Name: the workspace is not registered with Rocket.Chat's cloud; for the camera button see docs/jitsi.md",
    );
  });

  it("a second up writes nothing, and nothing is left to do", async () => {
    const before = await writes();
    expect((await up()).output).not.toMatch(/updated|created|replaced/);
    expect(await clone.pulumi("preview", "--refresh", "--json")).not.toMatch(/"op": "(update|create|delete)/);
    expect(await writes()).toEqual(before);
  });

  it("a question is answered with the meeting's address, in private groups too", async () => {
    // A refusal of the answer would be the poster's to see.
    expect(await post("#general", "!jitsi Weekly stand-up")).toMatchObject({ success: true });
    const answer = await answerIn("general", `Meeting: https://${meet}/Weekly-stand-up`);
    expect([answer.alias ?? "", answer.u.username]).toEqual(["", "admin"]);

    await post("#board", "/jitsi Board");
    await answerIn("board", `Meeting: https://${meet}/Board`);
  });

  it("the topics of channels end with their meeting's address", async () => {
    const { room } = await api<{ room: Room }>("GET", "/api/v1/rooms.info?roomName=dev");
    expect(room.topic).toBe(`Builds · https://${meet}/dev`);
  });

  it("jitsi:check finds that the name does not resolve, and ends with 1", async () => {
    const run = await clone.npm("jitsi:check");
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(
      new RegExp(`^wrong  name ${meet}: (does not resolve|the resolver does not answer .*); .+$`, "m"),
    );
  });

  it("a browser that does not know the test CA refuses the page", async () => {
    const stranger = new Browser();
    await stranger.start([], { "chat.localhost": apart.httpsPort });
    const { page } = await stranger.window(origin, { userId: "", token: "" });
    await expect(page.goto(origin)).rejects.toThrow("net::ERR_CERT_AUTHORITY_INVALID");
    await stranger.close();
  });

  it("a browser shows the room without a fault, and a link opens the meeting in a new tab", async () => {
    await openRoom();
    // As an administrator, who is led to neither.
    expect(window.page.url()).toBe(`${origin}/channel/general`);
    expect(await window.page.getByText("Unique ID change detected").isVisible()).toBe(false);
    await write("/jitsi Réunion d'équipe");
    const link = window.page.locator(`a[href="https://${meet}/R%C3%A9union-d-%C3%A9quipe"]`);
    await link.waitFor();
    await screenshot("link");

    const tab = await window.tabOpenedBy(() => link.click());
    expect([tab.url(), await tab.title()]).toEqual([
      `https://${meet}/R%C3%A9union-d-%C3%A9quipe`,
      "a meeting",
    ]);
    expect(window.page.url()).toBe(`${origin}/channel/general`);
    expect(window.faults).toEqual([]);
  });

  it("its WebSocket stays up and brings what others write", async () => {
    await post("#general", "said by somebody else");
    await window.page.getByText("said by somebody else").waitFor();
    expect(window.sockets.map((socket) => [new URL(socket.url()).pathname, socket.isClosed()])).toEqual([
      ["/websocket", false],
    ]);
    expect(await window.page.getByRole("button", { name: "Video call" }).isVisible()).toBe(false);
    await window.close();
  });

  it("the room is shown once it hears what others write", async () => {
    let early: boolean | undefined;
    await openRoom((page) =>
      page.routeWebSocket(/\/websocket$/, (client) => {
        client.connectToServer().onMessage(async (message) => {
          if (String(message).includes('"ready"')) {
            await sleep(1000);
            early = await page.locator("textarea[name=msg]").isVisible();
          }
          client.send(message);
        });
      }),
    );
    await until("the room hears", () => Promise.resolve(expect(early).toBe(false)), 10);
    await window.close();
  });

  it("mode app is refused with the way out, and nothing changes", async () => {
    settings({ domain: meet, mode: "app" });
    const run = await clone.npm("up");
    expect(run.status).not.toBe(0);
    expect(run.output).toContain(
      "jitsi.mode: app needs a workspace that is registered with Rocket.Chat's cloud and reaches it " +
        "(got POST /api/apps: Rocket.Chat answered 400 (App package download failed)); register it as docs/jitsi.md tells, or set jitsi.mode to auto",
    );
    expect([await apps(), (await webhooks()).length]).toEqual([[], 1]);
  });
});

describe.runIf(isStandIn)("on a registered workspace", () => {
  it("up installs and configures the app, and takes the link away", async () => {
    settings({ domain: meet, titlePrefix: "acme-" });
    await api("POST", "/standin/registration", { registered: true });

    expect((await up()).output).toContain("meetings: the Jitsi app 2.1.1: the camera button and /jitsi");

    expect(await apps()).toMatchObject([{ id: appId, version: "2.1.1", status: "manually_enabled" }]);
    expect(await webhooks()).toEqual([]);
    expect(await setting("Message_AllowUnrecognizedSlashCommand")).toBe(false);
    expect(await setting("VideoConf_Default_Provider")).toBe("Jitsi");
    expect(await api("GET", "/api/v1/video-conference.capabilities")).toMatchObject({
      providerName: "Jitsi",
    });
    const { settings: of } = await api<{ settings: Record<string, object> }>(
      "GET",
      `/api/apps/${appId}/settings`,
    );
    expect(of["jitsi_domain"]).toMatchObject({ value: meet, packageValue: "meet.jit.si", type: "string" });
    expect(of["jitsi_title_prefix"]).toMatchObject({ value: "acme-", packageValue: "RocketChat" });
    expect(of["jitsi_ssl"]).toMatchObject({ packageValue: true });
  });

  it("the camera button opens a meeting in a new tab", async () => {
    await openRoom();
    const camera = window.page.getByRole("button", { name: "Video call" });
    await camera.waitFor();
    await screenshot("app");
    const tab = await window.tabOpenedBy(() => camera.click());
    expect(tab.url()).toMatch(new RegExp(`^https://${meet}/acme-[A-Za-z0-9]+$`));
    expect(window.faults).toEqual([]);
    await window.close();
  });

  it("what was changed by hand is found with both values and put back; a newer release stays", async () => {
    await api("POST", `/api/apps/${appId}`, { appId, marketplace: true, version: "2.2.0" });
    const { settings: of } = await api<{ settings: Record<string, object> }>(
      "GET",
      `/api/apps/${appId}/settings`,
    );
    const byHand = { ...of["jitsi_domain"], value: "meet.jit.si" };
    await api("POST", `/api/apps/${appId}/settings/jitsi_domain`, { setting: byHand });

    expect(await clone.pulumi("preview", "--refresh", "--diff")).toMatch(
      new RegExp(`"${meet}" => "meet.jit.si"[^]*"meet.jit.si" => "${meet}"`),
    );
    expect((await up("--refresh")).output).toContain("meetings: the Jitsi app 2.2.0");
    expect(await clone.pulumi("preview", "--refresh", "--json")).not.toMatch(/"op": "(update|create|delete)/);
    expect(await apps()).toMatchObject([{ version: "2.2.0" }]);
  });

  it("the key of tokens reaches the app, and nothing else shows it", async () => {
    const key = "a key of tokens'%20#1";
    settings({ domain: meet, mode: "app", jwt: { applicationId: "chat" } });
    const set = await clone.npm(
      "pulumi",
      ["config", "set", "--secret", "rocketchat:jitsiApplicationSecret"],
      key,
    );
    expect(set.status, set.output).toBe(0);
    const copy = readFileSync(join(clone.directory, ".state/local/Pulumi.local.yaml"), "utf8");
    const { config } = parse(copy) as { config: Record<string, unknown> };
    clone.configure([["rocketchat:jitsiApplicationSecret"], config["rocketchat:jitsiApplicationSecret"]]);
    const watch = new Watch();
    const preview = await clone.pulumi("preview", "--diff");
    const { output } = await watch.during(() => up("--refresh"));

    const { settings: of } = await api<{ settings: Record<string, object> }>(
      "GET",
      `/api/apps/${appId}/settings`,
    );
    expect(of["jitsi_auth_token"]).toMatchObject({ value: true });
    expect(of["jitsi_application_id"]).toMatchObject({ value: "chat" });
    expect(of["jitsi_application_secret"]).toMatchObject({ value: key });
    expect(preview).toMatch(/applicationId *: "chat"/);
    const shown = [
      preview,
      output,
      await clone.pulumi("preview", "--refresh", "--diff"),
      await clone.pulumi("stack", "export"),
      docker.run("logs", "itj-rocketchat"),
      ...watch.commands,
      ...watch.containers.values(),
    ];
    expect(
      shown.filter((text) => text.includes(key) || text.includes(JSON.stringify(key).slice(1, -1))),
    ).toEqual([]);
  });

  it("mode link brings the webhook back and takes the app away", async () => {
    settings({ domain: meet, mode: "link" });
    clone.configure([["rocketchat:jitsiApplicationSecret"], undefined]);
    expect((await up()).output).toContain(
      "meetings: a link, by !jitsi Name or /jitsi Name: jitsi.mode says so",
    );
    expect([await apps(), (await webhooks()).map(({ name }) => name)]).toEqual([[], ["Jitsi meetings"]]);
    expect(await setting("VideoConf_Default_Provider")).toBe("");
    await post("#general", "/jitsi Again");
    await answerIn("general", `Meeting: https://${meet}/Again`);
  });

  it("without jitsi in the settings nothing is left of it", async () => {
    settings(undefined);
    await up();
    expect([await apps(), await webhooks()]).toEqual([[], []]);
    expect(await setting("Message_AllowUnrecognizedSlashCommand")).toBe(false);
  });
});
