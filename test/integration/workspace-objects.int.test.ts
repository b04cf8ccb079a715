import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { type Session, Site, until } from "./site";
import { isStandIn } from "./stand-in";

// Webhooks, bots, permissions and roles of one workspace, as their operator and as the programs that use them.
const apart = { prefix: "itw-", httpPort: 23080, httpsPort: 23443 };
const docker = new DockerCli();
const clone = new Clone("objects");

interface BotToken {
  userId: string;
  token: string;
}

interface Message {
  msg: string;
  alias?: string;
  u: { username: string };
}

const workspace = {
  // What is for people is in no bot's way.
  registration: { manualApproval: true, verifyEmail: true, allowedDomains: "chat.localhost" },
  channels: { ops: { topic: "what runs" } },
  bots: { deployer: { name: "Deploy bot", channels: "general ops", token: 1 } },
  incomingWebhooks: {
    deploys: { channel: "ops", username: "deployer", alias: "Deployments" },
    loud: { channel: "general", script: "test/hooks/shout.js" },
  },
  outgoingWebhooks: { tickets: { urls: "", channel: "general", triggerWords: "!ticket" } },
  permissions: { "create-c": { user: false, moderator: true } },
};

/** What an outgoing webhook was sent to. */
class Receiver {
  readonly bodies: Record<string, unknown>[] = [];
  private readonly server: Server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      this.bodies.push(JSON.parse(text) as Record<string, unknown>);
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ text: "noted" }));
    });
  });

  /** @returns its address as containers reach it: the engine's bridge is this machine. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "0.0.0.0", resolve));
    const gateway = docker.gateway("bridge");
    return `http://${gateway}:${(this.server.address() as AddressInfo).port}/tickets`;
  }

  stop(): void {
    this.server.close();
  }
}

const receiver = new Receiver();
const shown: Run[] = [];
let site: Site;
let admin: Session;
let root: string;

async function up(...args: string[]): Promise<Run> {
  const run = await clone.npm("up", args);
  shown.push(run);
  return run;
}

async function succeed(...args: string[]): Promise<void> {
  const run = await up(...args);
  if (run.status !== 0) throw new Error(run.output);
}

interface Outputs {
  adminPassword: string;
  webhooks: Record<string, string>;
  outgoingWebhookTokens: Record<string, string>;
  botTokens: Record<string, BotToken>;
}

async function outputs(): Promise<Outputs> {
  return JSON.parse(await clone.pulumi("stack", "output", "--json", "--show-secrets")) as Outputs;
}

const set = (...changes: [path: string[], value: unknown][]) =>
  clone.configure(
    ...changes.map(([path, value]): [string[], unknown] => [["rocketchat:workspace", ...path], value]),
  );

function api<T>(method: string, path: string, json?: unknown): Promise<T> {
  return site.json<T>(method, `/api/v1/${path}`, {
    headers: admin.headers,
    ...(json === undefined ? {} : { json }),
  });
}

async function messages(channel: string): Promise<Message[]> {
  return (await api<{ messages: Message[] }>("GET", `channels.messages?roomName=${channel}&count=100`))
    .messages;
}

async function rolesOf(permission: string): Promise<string[]> {
  const { update } = await api<{ update: { _id: string; roles: string[] }[] }>("GET", "permissions.listAll");
  return update.find(({ _id }) => _id === permission)?.roles ?? [];
}

/** On a real one only that nothing is left to change is seen. */
async function writes(): Promise<string[]> {
  if (!isStandIn) return [];
  return (await site.json<{ writes: string[] }>("GET", "/standin/writes")).writes;
}

/** The status of an answer to a bot, which has its token and nothing else. */
async function statusFor({ userId, token }: BotToken): Promise<number> {
  return (
    await site.request("GET", "/api/v1/me", { headers: { "x-user-id": userId, "x-auth-token": token } })
  ).status;
}

beforeAll(async () => {
  clone.setApart(apart);
  workspace.outgoingWebhooks.tickets.urls = await receiver.start();
  set([[], workspace]);
  await succeed();
  root = join(clone.directory, ".state/local/test-ca-root.pem");
  site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, readFileSync(root, "utf8"));
  admin = await site.login("admin", (await outputs()).adminPassword);
});

afterAll(() => {
  receiver.stop();
  for (const name of docker.containers(apart.prefix)) docker.run("rm", "--force", name);
  for (const name of docker.networks(apart.prefix)) docker.run("network", "rm", name);
  docker.forget(apart.prefix);
  const images = docker.run("images", "--format", "{{.Repository}}:{{.Tag}}").split("\n");
  const directories = ["rocketchat", "mongodb-shared", "traefik"].map(
    (part) => `/opt/${apart.prefix}${part}`,
  );
  docker.shell(
    images.find((name) => name.includes("busybox:"))!,
    `rm -rf ${directories.join(" ")}`,
    "--volume",
    "/opt:/opt",
  );
  clone.remove();
});

describe("incoming webhooks", () => {
  const post = async (name: string, json: string) => {
    const address = (await outputs()).webhooks[name]!;
    const resolve = `chat.localhost:${apart.httpsPort}:127.0.0.1`;
    const tls = ["--silent", "--show-error", "--cacert", root, "--resolve", resolve];
    const body = ["-X", "POST", "-H", "Content-Type: application/json", "-d", json];
    return clone.run("curl", [...tls, ...body, address]);
  };

  it("post by curl through the front door, in their channel and under their name", async () => {
    expect((await post("deploys", '{"text":"2.0 is live"}')).stdout).toBe('{"success":true}');
    expect(await messages("ops")).toMatchObject([
      { msg: "2.0 is live", alias: "Deployments", u: { username: "deployer" } },
    ]);
  });

  it("run the script of the project", async () => {
    await post("loud", '{"text":"fire"}');
    expect((await messages("general")).map(({ msg }) => msg)).toContain("FIRE");
  });
});

describe("outgoing webhooks", () => {
  it("reach a real receiver with their token, for messages that begin with the word, and post what it answers", async () => {
    await admin.post("no ticket");
    await admin.post("!ticket the printer");
    await until("the answer is posted", async () =>
      expect((await messages("general")).map(({ msg }) => msg)).toContain("noted"),
    );
    const { tickets } = (await outputs()).outgoingWebhookTokens;
    expect(receiver.bodies).toMatchObject([
      {
        token: tickets,
        text: "!ticket the printer",
        trigger_word: "!ticket",
        channel_name: "general",
        user_name: "admin",
      },
    ]);
  });
});

describe("bots", () => {
  it("post with their token, in the channels that they were put into", async () => {
    const deployer = (await outputs()).botTokens["deployer"]!;
    const headers = { "x-user-id": deployer.userId, "x-auth-token": deployer.token };
    await site.json("POST", "/api/v1/chat.postMessage", {
      headers,
      json: { channel: "#ops", text: "from the bot" },
    });
    expect((await messages("ops"))[0]).toMatchObject({ msg: "from the bot", u: { username: "deployer" } });

    const path = `users.info?userId=${deployer.userId}&includeUserRooms=true`;
    const { user } = await api<{ user: { rooms: { name: string }[]; roles: string[] } }>("GET", path);
    expect(user.rooms.map(({ name }) => name).sort()).toEqual(["general", "ops"]);
    expect(user.roles).toEqual(["bot", "user"]);
  });
});

describe("permissions", () => {
  it("are changed for the roles that the settings name, and no other", async () => {
    expect(await rolesOf("create-c")).toEqual(["admin", "federated-external", "bot", "app", "moderator"]);
  });
});

it("writes nothing the second time", async () => {
  const before = await writes();
  await succeed();
  await clone.pulumi("preview", "--refresh", "--expect-no-changes");
  expect(await writes()).toEqual(before);
});

it("finds what was changed by hand, with both values, and puts it back", async () => {
  const { webhooks, botTokens } = await outputs();
  const deployer = botTokens["deployer"]!;
  const [, , integrationId] = new URL(webhooks["deploys"]!).pathname.split("/");
  await api("PUT", "integrations.update", {
    type: "webhook-incoming",
    integrationId,
    name: "deploys",
    enabled: false,
    username: "deployer",
    channel: "#ops",
    alias: "Somebody",
    scriptEnabled: false,
    overrideDestinationChannelEnabled: false,
  });
  await api("POST", "permissions.update", { permissions: [{ _id: "create-c", roles: ["admin", "user"] }] });
  await api("POST", "users.update", { userId: deployer.userId, data: { roles: ["bot", "user", "admin"] } });

  const found = await clone.pulumi("preview", "--refresh", "--diff");
  for (const line of [
    /~ enabled *: +false => true/,
    /~ alias *: +"Somebody" => "Deployments"/,
    /~ user *: +true => false/,
    /~ moderator *: +false => true/,
    /- \[2\]: "admin"/,
  ]) {
    expect(found).toMatch(line);
  }

  await clone.pulumi("refresh", "--yes");
  await succeed("--refresh");
  expect(await rolesOf("create-c")).toEqual(["admin", "moderator"]);
  expect((await outputs()).webhooks).toEqual(webhooks);
  expect(await statusFor(deployer)).toBe(200);
  await clone.pulumi("preview", "--refresh", "--expect-no-changes");
});

it("makes a new token for another generation, in the deployment whose own token a new password of the administrator ends", async () => {
  const before = await outputs();
  clone.configure([["rocketchat:admin", "passwordGeneration"], 2]);
  set([["bots", "deployer", "token"], 2]);
  await succeed();

  const after = await outputs();
  admin = await site.login("admin", after.adminPassword);
  expect(after.adminPassword).not.toBe(before.adminPassword);
  const tokens = [before, after].map(({ botTokens }) => botTokens["deployer"]!);
  expect(await Promise.all(tokens.map(statusFor))).toEqual([401, 200]);
  expect(after.webhooks).toEqual(before.webhooks);
});

it("finds a webhook again by its name when the state has lost it", async () => {
  const { webhooks } = await outputs();
  const { deployment } = JSON.parse(await clone.pulumi("stack", "export")) as {
    deployment: { resources: { urn: string }[] };
  };
  const { urn } = deployment.resources.find((one) => one.urn.endsWith("::workspace-incomingWebhooks"))!;
  await clone.pulumi("state", "delete", urn, "--target-dependents", "--yes");
  const before = await writes();
  await succeed();

  expect((await outputs()).webhooks).toEqual(webhooks);
  expect(await writes()).toEqual(before);
});

it("refuses a permission that is misspelt before anything starts", async () => {
  set([["permissions", "creat-c"], { user: true }]);
  expect((await up()).output).toMatch(/workspace.permissions.creat-c .*did you mean create-c or create-d\?/);
  set([["permissions", "creat-c"], undefined]);
});

it("refuses what the server does not know or its licence does not allow, by name; with a licence the rest of a role is kept", async () => {
  set([["permissions", "print-money"], { user: true }], [["roles"], { admin: { mandatory2fa: true } }]);
  const refused = await up();
  expect(refused.status).not.toBe(0);
  expect(refused.output).toMatch(/print-money: must be a permission of this Rocket.Chat \(got print-money\)/);
  expect(refused.output).toMatch(
    /admin: mandatory2fa: must be allowed by the workspace's licence.*POST \/api\/v1\/roles.update: Rocket.Chat answered 400/s,
  );

  set([["permissions", "print-money"], undefined]);
  if (!isStandIn) return set([["roles"], undefined]); // a licence is nothing that a test has
  await site.json("POST", "/standin/licence", { json: { modules: ["custom-roles"] } });
  await succeed();
  const { roles } = await api<{ roles: { _id: string }[] }>("GET", "roles.list");
  expect(roles.find(({ _id }) => _id === "admin")).toMatchObject({
    name: "admin",
    description: "Admin",
    scope: "Users",
    mandatory2fa: true,
  });
});

it("shows no address and no token in output, previews and state", async () => {
  const { webhooks, botTokens, outgoingWebhookTokens } = await outputs();
  const secrets = [
    ...Object.values(webhooks).map((address) => address.split("/").at(-1)!),
    ...Object.values(botTokens).map(({ token }) => token),
    ...Object.values(outgoingWebhookTokens),
  ];
  expect(secrets).toHaveLength(4);

  set([["incomingWebhooks", "deploys", "alias"], "Ships"], [["bots", "deployer", "name"], "Bot"]);
  const places = {
    "the output of up": shown.map((run) => run.output).join("\n"),
    "preview --diff": await clone.pulumi("preview", "--refresh", "--diff"),
    "preview --json": await clone.pulumi("preview", "--json"),
    "stack output": await clone.pulumi("stack", "output", "--json"),
    "stack export": await clone.pulumi("stack", "export"),
  };
  const hits = Object.entries(places).filter(([, text]) => secrets.some((secret) => text.includes(secret)));
  expect(hits.map(([place]) => place)).toEqual([]);
});

it("deactivates a bot and removes a webhook that leave the settings, and gives a permission its default back", async () => {
  const deployer = (await outputs()).botTokens["deployer"]!;
  set([["incomingWebhooks"], undefined], [["bots"], undefined], [["permissions"], undefined]);
  await succeed();

  const { user } = await api<{ user: { active: boolean } }>("GET", `users.info?userId=${deployer.userId}`);
  expect([user.active, await statusFor(deployer)]).toEqual([false, 401]);
  expect((await api<{ total: number }>("GET", "integrations.list")).total).toBe(1);
  expect((await rolesOf("create-c")).sort()).toEqual(["admin", "user"]);
});
