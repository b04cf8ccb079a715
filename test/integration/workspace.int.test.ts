import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clone, type Run } from "./clone";
import { DockerCli } from "./engine";
import { type Session, Site } from "./site";
import { isStandIn } from "./stand-in";

// What lives in the workspace, as code: made, changed, found when changed by hand, and left alone.
const apart = { prefix: "itwc-", httpPort: 27080, httpsPort: 27443 };
const container = "itwc-rocketchat";
const docker = new DockerCli();
const clone = new Clone("workspace");

let site: Site;
let admin: Session;

async function up(): Promise<Run> {
  const run = await clone.npm("up");
  if (run.status !== 0) throw new Error(run.output);
  return run;
}

async function password(): Promise<string> {
  return clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
}

async function logIn(): Promise<void> {
  admin = await site.login("admin", await password());
}

interface Room {
  _id: string;
  name: string;
  t: string;
  topic?: string;
  default?: boolean;
  ro?: boolean;
  archived?: boolean;
}

async function room(name: string): Promise<Room> {
  const path = `/api/v1/rooms.adminRooms?filter=${name}`;
  const { rooms } = await site.json<{ rooms: Room[] }>("GET", path, { headers: admin.headers });
  const found = rooms.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name}: no such channel`);
  return found;
}

/** Calls since the start that may have changed something. On a real one only that nothing is left to change is seen. */
async function writes(): Promise<string[]> {
  if (!isStandIn) return [];
  return (await site.json<{ writes: string[] }>("GET", "/standin/writes")).writes;
}

function channels(value: unknown): void {
  clone.configure([["rocketchat:workspace", "channels"], value]);
}

const started = () => docker.inspect(container, "{{.Id}} {{.State.StartedAt}}");

const wanted = {
  general: { topic: "Everything" },
  dev: { topic: "What we build", default: true },
  board: { type: "private", readOnly: true },
};

beforeAll(async () => {
  clone.setApart(apart);
  channels(wanted);
  await up();
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  site = new Site("chat.localhost", apart.httpPort, apart.httpsPort, root);
  await logIn();
});

afterAll(async () => {
  await clone.npm("down", ["--delete-data"], "local\n");
  clone.remove();
});

/** What every browser is told, and an administrator's acts on. */
async function told(id: string): Promise<unknown> {
  const { settings } = await site.json<{ settings: { value: unknown }[] }>(
    "GET",
    `/api/v1/settings.public?_id=${id}`,
  );
  return settings[0]?.value;
}

describe("the first login of an administrator", () => {
  it("finds neither the setup wizard nor a question, after one restart of the container that the state knows", async () => {
    expect(await told("Show_Setup_Wizard")).toBe("completed");
    expect(await told("Deployment_FingerPrint_Verified")).toBe(true);
    expect(docker.run("logs", container).match(/SERVER RUNNING/g)).toHaveLength(2);
    const { deployment } = JSON.parse(await clone.pulumi("stack", "export")) as {
      deployment: { resources: { urn: string; id?: string }[] };
    };
    const known = deployment.resources.find(({ urn }) => /:Container::rocketchat$/.test(urn))?.id;
    expect(docker.inspect(container, "{{.Id}}")).toBe(known);
  });
});

describe("channels", () => {
  it("are made, and one that is there is taken over", async () => {
    expect(await room("general")).toMatchObject({ _id: "GENERAL", topic: "Everything" });
    expect(await room("dev")).toMatchObject({ t: "c", topic: "What we build", default: true });
    expect(await room("board")).toMatchObject({ t: "p", ro: true });
  });

  it("are not written again by a second up, which changes nothing", async () => {
    const [before, startedAt] = [await writes(), started()];

    const { output } = await up();

    expect(output).toMatch(/\d+ unchanged/);
    expect(output).not.toMatch(/updated|created|replaced/);
    expect(await writes()).toEqual(before);
    expect(started()).toBe(startedAt);
  });

  it("show a change with both values before it is made, without a restart", async () => {
    channels({ ...wanted, dev: { ...wanted.dev, topic: "What we ship" } });
    expect(await clone.pulumi("preview", "--diff")).toContain('"What we build" => "What we ship"');
    const before = started();

    await up();

    expect((await room("dev")).topic).toBe("What we ship");
    expect(started()).toBe(before);
  });

  it("are found when they were changed by hand, with both values, and put back", async () => {
    const { _id: rid } = await room("dev");
    const change = { rid, roomTopic: "by hand", roomName: "renamed" };
    await site.json("POST", "/api/v1/rooms.saveRoomSettings", { headers: admin.headers, json: change });

    expect(await clone.pulumi("preview", "--refresh", "--diff")).toMatch(
      /"What we ship" => "by hand"[^]*"by hand" => "What we ship"/,
    );
    const run = await clone.npm("up", ["--refresh"]);
    expect(run.status, run.output).toBe(0);
    expect((await room("dev")).topic).toBe("What we ship");
  });

  it("stay when they leave the settings, and are archived when the settings say so", async () => {
    channels({ general: wanted.general, board: { ...wanted.board, archived: true } });
    await up();

    expect(await room("dev")).toMatchObject({ topic: "What we ship" });
    expect((await room("dev")).archived ?? false).toBe(false);
    expect((await room("board")).archived).toBe(true);
  });

  it("are looked at, changed and opened again when they are archived, also by hand", async () => {
    const { _id: rid } = await room("general");
    const change = { rid, action: "archive" };
    await site.json("POST", "/api/v1/rooms.changeArchivationState", { headers: admin.headers, json: change });
    channels({ general: { topic: "Nothing", archived: false }, board: { ...wanted.board, topic: "Closed" } });

    await clone.succeed("up", ["--refresh"]);

    expect(await room("general")).toMatchObject({ topic: "Nothing", archived: false });
    expect(await room("board")).toMatchObject({ topic: "Closed", archived: true });
  });
});

it("says endpoint, status and the server's own error when a call fails, and finishes with the next up", async () => {
  const unknown = ["rocketchat:workspace", "unknownSettings"];
  clone.configure([unknown, { No_Such_Setting: true }]);
  channels({ general: { topic: "Ours" }, late: {} });

  const failed = await clone.npm("up");
  expect(failed.status).not.toBe(0);
  expect(failed.output).toMatch(
    /POST \/api\/v1\/settings\/No_Such_Setting: Rocket.Chat answered 400 \(Setting No_Such_Setting not found/,
  );

  clone.configure([unknown, undefined]);
  await up();
  expect(await room("general")).toMatchObject({ topic: "Ours" });
  expect((await room("late")).t).toBe("c");
});

describe("the administrator's password", () => {
  it("is a new one after one command, without a restart, and the old one is refused", async () => {
    const [old, before] = [await password(), started()];

    const run = await clone.npm("admin:rotate");

    expect(run.status, run.output).toBe(0);
    const current = await password();
    expect(current).not.toBe(old);
    expect(run.output).not.toContain(current);
    await expect(site.login("admin", old)).rejects.toThrow("status 401");
    await logIn();
    expect(started()).toBe(before);
    expect((await up()).output).not.toMatch(/updated|created|replaced/);
  });

  it("is the one that is shown after a change of it that stopped halfway was taken back", async () => {
    const generation = (value: number) =>
      clone.configure([["rocketchat:admin", "passwordGeneration"], value]);
    const { deployment } = JSON.parse(await clone.pulumi("stack", "export")) as {
      deployment: { resources: { urn: string }[] };
    };
    const targets = deployment.resources
      .filter(({ urn }) => urn.endsWith("::rocketchat-secrets-admin-password"))
      .map(({ urn }) => `--target=${urn}`);
    expect(targets).toHaveLength(2);
    generation(3);
    await clone.pulumi("up", "--yes", "--skip-preview", ...targets);
    generation(2);
    await up();
    await logIn();
    expect((await up()).output).not.toMatch(/updated|created|replaced/);
  });

  it("may be one that nobody here knows: a deployment says what to do, and goes on with a token", async () => {
    const me = await site.json<{ _id: string }>("GET", "/api/v1/me", { headers: admin.headers });
    await site.json("POST", "/api/v1/users.update", {
      headers: admin.headers,
      json: { userId: me._id, data: { password: "Chosen-by-hand.1" } },
    });
    admin = await site.login("admin", "Chosen-by-hand.1");

    channels({ general: { topic: "Still ours", archived: false } });
    const refused = await clone.npm("up");
    expect(refused.status).not.toBe(0);
    expect(refused.output).toContain("npm run admin:token");

    const { token } = await site.json<{ token: string }>(
      "POST",
      "/api/v1/users.generatePersonalAccessToken",
      {
        headers: admin.headers,
        json: { tokenName: "by hand", bypassTwoFactor: true },
      },
    );
    const given = await clone.npm("admin:token", [], `${me._id}\n${token}\n`);
    expect(given.status, given.output).toBe(0);
    expect(given.output).not.toContain(token);
    await up();
    expect((await room("general")).topic).toBe("Still ours");
  });
});

it("refreshes while Rocket.Chat is away, and keeps what it knew", async () => {
  docker.run("stop", "--time", "5", container);
  const run = await clone.npm("pulumi", ["refresh", "--yes", "--skip-preview"]);
  docker.run("start", container);

  expect(run.status, run.output).toBe(0);
  expect(run.output).toMatch(/channels: was not looked at/);
});
