import { describe, expect, it } from "vitest";
import { type Api, ApiFailure } from "../workspace/api";
import { apply, nothing } from "../workspace/collection";
import { hashOf, linkWebhook } from "../workspace/jitsi/link-webhook";
import type { Meetings } from "../workspace/jitsi/meetings";
import { meetings } from "../workspace/kinds/meetings";

const appId = "3b387ba9-f57c-44c6-9810-8c0256abd64c";
const server = { domain: "meet.example.org", ssl: true, titlePrefix: "" };
const wanted = (keys: Partial<Meetings> = {}): Meetings => ({
  mode: "auto",
  ...server,
  appVersion: "2.1.1",
  triggers: ["!jitsi", "/jitsi"],
  script: hashOf(linkWebhook({ ...server, ...keys })),
  ...keys,
});

interface Setting {
  id: string;
  type: string;
  packageValue: unknown;
  value?: unknown;
}

/** What Rocket.Chat would answer, as far as meetings go; every call that writes is kept. */
class Server implements Pick<Api, "get" | "post" | "put" | "delete"> {
  readonly writes: [string, unknown?][] = [];
  app: { id: string; version: string; status: string } | undefined;
  appSettings: Record<string, Setting> = {};
  integrations: (Record<string, unknown> & { _id: string })[] = [];
  settings: Record<string, unknown> = {
    VideoConf_Default_Provider: "",
    Message_AllowUnrecognizedSlashCommand: false,
  };
  enabledApps = 0;
  reachesCloud = true;
  /** Whether it answers what is asked below /api/apps. */
  servesApps = true;

  constructor(public registered: boolean) {}

  get<T>(...[path]: [path: string, query?: object]): Promise<T> {
    const id = path.split("/").at(-1)!;
    if (!this.servesApps && path.startsWith("/api/apps"))
      return Promise.reject(new ApiFailure(`GET ${path}`, 404, "no reason given"));
    const answers: Record<string, () => unknown> = {
      "/api/apps/installed": () => ({ apps: this.app ? [this.app] : [] }),
      "/api/apps/count": () => ({ totalMarketplaceEnabled: this.enabledApps, maxMarketplaceApps: 5 }),
      [`/api/apps/${appId}/settings`]: () => ({ settings: this.appSettings }),
      "/api/v1/cloud.registrationStatus": () => ({
        registrationStatus: { workspaceRegistered: this.registered },
      }),
      "/api/v1/video-conference.providers": () => ({
        data: this.app?.status === "manually_enabled" ? [{ key: "Jitsi", label: "Jitsi" }] : [],
      }),
      "/api/v1/video-conference.capabilities": () => ({
        providerName: this.settings["VideoConf_Default_Provider"],
      }),
      "/api/v1/integrations.list": () => ({
        integrations: this.integrations,
        total: this.integrations.length,
      }),
      [`/api/v1/settings/${id}`]: () => ({ _id: id, value: this.settings[id] }),
    };
    return Promise.resolve(structuredClone(answers[path]!()) as T);
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    this.writes.push([`POST ${path}`, body]);
    const given = structuredClone(body) as Record<string, unknown>;
    if (path === "/api/apps" || path === `/api/apps/${appId}`) {
      if (!this.reachesCloud)
        return Promise.reject(new ApiFailure(`POST ${path}`, 400, "App package download failed"));
      const full = this.enabledApps >= 5;
      const status = this.app?.status ?? (full ? "initialized" : "manually_enabled");
      this.app = { id: appId, version: String(given["version"]), status };
      for (const [id, packageValue] of jitsiDefaults)
        this.appSettings[id] ??= { id, type: typeof packageValue, packageValue };
      return Promise.resolve({ app: { ...this.app } } as T);
    }
    if (path.endsWith("/status")) {
      if (this.enabledApps >= 5)
        return Promise.reject(new ApiFailure(`POST ${path}`, 400, "Enabled apps have been maxed out"));
      this.app!.status = String(given["status"]);
      return Promise.resolve({ status: this.app!.status } as T);
    }
    if (path === `/api/apps/${appId}/settings`) {
      // As the real one, the whole setting is what was sent.
      for (const setting of given["settings"] as Setting[]) this.appSettings[setting.id] = setting;
    } else if (path.endsWith("/integrations.create")) {
      const channel = String(given["channel"]).split(",");
      const integration = { ...given, channel, _id: "hook" };
      this.integrations.push(integration);
      return Promise.resolve({ integration } as T);
    } else if (path.endsWith("/integrations.remove")) {
      this.integrations = this.integrations.filter(({ _id }) => _id !== given["integrationId"]);
    } else this.settings[path.split("/").at(-1)!] = given["value"];
    return Promise.resolve({} as T);
  }

  put<T>(path: string, body: object = {}): Promise<T> {
    this.writes.push([`PUT ${path}`, body]);
    const { integrationId, channel, ...given } = body as Record<string, unknown>;
    const integration = this.integrations.find(({ _id }) => _id === integrationId)!;
    Object.assign(integration, given, { channel: String(channel).split(","), scriptError: undefined });
    return Promise.resolve({ integration } as T);
  }

  delete<T>(...[path]: [path: string, body?: object]): Promise<T> {
    this.writes.push([`DELETE ${path}`]);
    this.app = undefined;
    this.appSettings = {};
    return Promise.resolve({} as T);
  }

  /** The calls that wrote since it was last asked, without their bodies. */
  wrote(): string[] {
    return this.writes.splice(0).map(([call]) => call);
  }
}

/** RocketChat/Apps.Jitsi, src/settings.ts. */
const jitsiDefaults: [string, unknown][] = [
  ["jitsi_domain", "meet.jit.si"],
  ["jitsi_title_prefix", "RocketChat"],
  ["jitsi_ssl", true],
  ["jitsi_auth_token", false],
  ["jitsi_application_id", ""],
  ["jitsi_application_secret", ""],
  ["jitsi_token_auditor", "RocketChat"],
  ["jitsi_limit_token_to_room", true],
];

const make = (api: Server, item: Meetings) => meetings.create(api as unknown as Api, "jitsi", item);
const look = (api: Server, item: Meetings, last?: string) =>
  meetings.read(api as unknown as Api, "jitsi", item, "jitsi", last);
const allChannels = "all_public_channels,all_private_groups,all_direct_messages";

describe("where the workspace may install apps", () => {
  it("installs the Jitsi app and gives it exactly what differs, definitions included", async () => {
    const api = new Server(true);
    const { answer } = await make(api, wanted({ titlePrefix: "acme-" }));

    expect(answer).toBe("the Jitsi app 2.1.1: the camera button and /jitsi");
    expect(api.writes).toEqual([
      ["POST /api/apps", { appId, marketplace: true, version: "2.1.1" }],
      [
        `POST /api/apps/${appId}/settings`,
        {
          settings: [
            { id: "jitsi_domain", type: "string", packageValue: "meet.jit.si", value: "meet.example.org" },
            { id: "jitsi_title_prefix", type: "string", packageValue: "RocketChat", value: "acme-" },
          ],
        },
      ],
      ["POST /api/v1/settings/VideoConf_Default_Provider", { value: "Jitsi" }],
    ]);
  });

  it("lets the app sign tokens, and takes the key away with them", async () => {
    const api = new Server(true);
    const jwt = { applicationId: "chat", audience: "our-chat", limitToRoom: false, secret: "hunter2" };
    await make(api, wanted({ mode: "app", jwt }));
    const value = (id: string) => api.appSettings[id]?.value;
    expect([
      value("jitsi_auth_token"),
      value("jitsi_application_id"),
      value("jitsi_application_secret"),
      value("jitsi_token_auditor"),
      value("jitsi_limit_token_to_room"),
    ]).toEqual([true, "chat", "hunter2", "our-chat", false]);
    expect((await look(api, wanted({ mode: "app", jwt })))?.actual.jwt).toEqual(jwt);

    await make(api, wanted({ mode: "app" }));
    expect([value("jitsi_auth_token"), value("jitsi_application_secret")]).toEqual([false, ""]);
  });

  it("writes nothing when everything is so already", async () => {
    const api = new Server(true);
    await make(api, wanted());
    api.wrote();
    await make(api, wanted());
    expect((await look(api, wanted()))?.actual).toEqual(wanted());
    expect(api.wrote()).toEqual([]);
  });

  it("leaves a newer release as it is, and brings an older one up", async () => {
    const api = new Server(true);
    await make(api, wanted());
    api.app!.version = "2.10.0";
    api.wrote();
    await make(api, wanted({ appVersion: "2.9.3" }));
    expect((await look(api, wanted({ appVersion: "2.9.3" })))?.actual.appVersion).toBe("2.9.3");
    expect(api.wrote()).toEqual([]);

    api.app!.version = "2.0.3";
    expect((await look(api, wanted()))?.actual.appVersion).toBe("2.0.3");
    await make(api, wanted());
    expect(api.writes).toEqual([[`POST /api/apps/${appId}`, { appId, marketplace: true, version: "2.1.1" }]]);
  });

  it.each<[string, (api: Server) => void, Partial<Meetings>]>([
    [
      "another domain",
      (api) => (api.appSettings["jitsi_domain"]!.value = "meet.jit.si"),
      { domain: "meet.jit.si" },
    ],
    ["SSL turned off", (api) => (api.appSettings["jitsi_ssl"]!.value = false), { ssl: false }],
    [
      "the app disabled",
      (api) => (api.app!.status = "manually_disabled"),
      { mode: "app, which is manually_disabled" },
    ],
    [
      "another provider",
      (api) => (api.settings["VideoConf_Default_Provider"] = "BigBlueButton"),
      { mode: 'app, with VideoConf_Default_Provider "BigBlueButton"' },
    ],
    ["the app gone", (api) => (api.app = undefined), { mode: "link" }],
  ])("finds %s, and mends it", async (_, change, seen) => {
    const api = new Server(true);
    await make(api, wanted({ mode: "app" }));
    // Something of ours is still there when the app is gone.
    api.integrations.push({
      _id: "other",
      type: "webhook-outgoing",
      name: "Jitsi meetings",
      triggerWords: [],
    });
    const beside = api.integrations;
    api.integrations = "mode" in seen && seen.mode === "link" ? beside : [];
    change(api);
    expect((await look(api, wanted({ mode: "app" })))?.actual).toEqual({
      ...wanted({ mode: "app" }),
      ...seen,
    });
    await make(api, wanted({ mode: "app" }));
    expect((await look(api, wanted({ mode: "app" })))?.actual).toEqual(wanted({ mode: "app" }));
  });

  it("does not show a key that somebody else put in", async () => {
    const api = new Server(true);
    const jwt = { applicationId: "chat", audience: "RocketChat", limitToRoom: true, secret: "hunter2" };
    await make(api, wanted({ mode: "app", jwt }));
    api.appSettings["jitsi_application_secret"]!.value = "theirs";
    expect((await look(api, wanted({ mode: "app", jwt })))?.actual.jwt?.secret).toBe("(another)");
  });
});

describe("where the workspace may not", () => {
  it("answers with links, by a webhook that calls nobody", async () => {
    const api = new Server(false);
    const { answer } = await make(api, wanted());

    expect(answer).toBe(
      "a link, by !jitsi Name or /jitsi Name: the workspace is not registered with Rocket.Chat's cloud; for the camera button see docs/jitsi.md",
    );
    const [create, allow] = api.writes;
    expect(create).toEqual([
      "POST /api/v1/integrations.create",
      {
        type: "webhook-outgoing",
        name: "Jitsi meetings",
        enabled: true,
        event: "sendMessage",
        channel: allChannels,
        username: "rocket.cat",
        impersonateUser: true,
        // Users may bear neither another name nor another picture: what they post would be refused.
        alias: "",
        avatar: "",
        emoji: ":video_camera:",
        triggerWords: ["!jitsi", "/jitsi"],
        triggerWordAnywhere: false,
        runOnEdits: false,
        urls: ["http://127.0.0.1:9/"],
        scriptEnabled: true,
        script: expect.stringMatching(/^const MEETINGS = "https:\/\/meet\.example\.org\/";/) as string,
        token: expect.stringMatching(/^[\w-]{32}$/) as string,
      },
    ]);
    expect(allow).toEqual(["POST /api/v1/settings/Message_AllowUnrecognizedSlashCommand", { value: true }]);
    expect(api.writes).toHaveLength(2);
  });

  it("writes nothing when everything is so already", async () => {
    const api = new Server(false);
    await make(api, wanted());
    api.wrote();
    await make(api, wanted());
    expect((await look(api, wanted()))?.actual).toEqual(wanted());
    expect(api.wrote()).toEqual([]);
  });

  it("brings the webhook of an earlier release, whose answers users may not post, up to this one", async () => {
    const api = new Server(false);
    await make(api, wanted());
    api.integrations[0]!["alias"] = "Jitsi";
    api.wrote();
    const before = { ...wanted(), script: "1f4dd9c4b4a2" };
    const known = { items: { jitsi: before }, ids: { jitsi: "jitsi" }, answers: {} };
    await apply(api as unknown as Api, meetings, { jitsi: wanted() }, known);
    expect(api.wrote()).toEqual(["PUT /api/v1/integrations.update"]);
    expect(api.integrations[0]!["alias"]).toBe("");
  });

  it("needs nothing of the apps where mode is link: made, looked at, changed and removed without them", async () => {
    const api = new Server(false);
    api.servesApps = false;
    const of = (item: Meetings) => ({ jitsi: item });
    const link = wanted({ mode: "link" });
    const known = await apply(api as unknown as Api, meetings, of(link), nothing);
    expect((await look(api, link, known.answers["jitsi"]))?.actual).toEqual(link);
    const other = wanted({ mode: "link", triggers: ["!meet"] });
    const changed = await apply(api as unknown as Api, meetings, of(other), known);
    expect(api.integrations[0]!["triggerWords"]).toEqual(["!meet"]);
    await apply(api as unknown as Api, meetings, {}, changed);
    expect(api.integrations).toEqual([]);
  });

  it("lets unknown commands be messages only for a word that is one", async () => {
    const api = new Server(false);
    const allowed = () => api.settings["Message_AllowUnrecognizedSlashCommand"];
    await make(api, wanted({ triggers: ["!jitsi"] }));
    expect(allowed()).toBe(false);
    await make(api, wanted());
    expect(allowed()).toBe(true);
    await make(api, wanted({ triggers: ["!meet"] }));
    expect(allowed()).toBe(false);
    expect(api.integrations).toHaveLength(1);
  });

  it.each<[string, (api: Server) => void, Partial<Meetings>]>([
    [
      "a disabled webhook",
      (api) => (api.integrations[0]!["enabled"] = false),
      { mode: "link, whose webhook is disabled" },
    ],
    [
      "a moved webhook",
      (api) => (api.integrations[0]!["channel"] = ["#general"]),
      { mode: "link, whose webhook was changed" },
    ],
    [
      "a script that Rocket.Chat does not run",
      (api) => (api.integrations[0]!["scriptError"] = { name: "SyntaxError", message: "x" }),
      { mode: "link, whose webhook was changed" },
    ],
    ["other words", (api) => (api.integrations[0]!["triggerWords"] = ["!call"]), { triggers: ["!call"] }],
    [
      "refused commands",
      (api) => (api.settings["Message_AllowUnrecognizedSlashCommand"] = false),
      { mode: "link, with Message_AllowUnrecognizedSlashCommand false" },
    ],
  ])("finds %s, and mends it", async (_, change, seen) => {
    const api = new Server(false);
    await make(api, wanted());
    change(api);
    expect((await look(api, wanted()))?.actual).toEqual({ ...wanted(), ...seen });
    await make(api, wanted());
    expect((await look(api, wanted()))?.actual).toEqual(wanted());
  });

  it("finds another script by its hash", async () => {
    const api = new Server(false);
    await make(api, wanted());
    api.integrations[0]!["script"] = "class Script {}";
    const actual = (await look(api, wanted()))!.actual;
    expect(actual.script).not.toBe(wanted().script);
    expect({ ...actual, script: wanted().script }).toEqual(wanted());
  });

  it("says why: five apps already, or a marketplace that cannot be reached", async () => {
    const full = new Server(true);
    full.enabledApps = 5;
    expect((await make(full, wanted())).answer).toContain(
      ": 5 apps are enabled, the most without a licence; ",
    );
    const offline = new Server(true);
    offline.reachesCloud = false;
    expect((await make(offline, wanted())).answer).toContain(
      ": POST /api/apps: Rocket.Chat answered 400 (App package download failed); ",
    );
  });

  it("is done with links where the marketplace refused the app, and does not ask it again", async () => {
    const api = new Server(true);
    api.reachesCloud = false;
    const known = await apply(api as unknown as Api, meetings, { jitsi: wanted() }, nothing);
    api.wrote();

    expect(await look(api, wanted(), known.answers["jitsi"])).toEqual({
      id: "jitsi",
      actual: wanted(),
      answer:
        "a link, by !jitsi Name or /jitsi Name: POST /api/apps: Rocket.Chat answered 400 (App package download failed); for the camera button see docs/jitsi.md",
    });
    const again = await apply(api as unknown as Api, meetings, { jitsi: wanted() }, known);
    expect([again, api.wrote()]).toEqual([known, []]);
  });

  it("says that the app is gone where it is wanted and only the link is there", async () => {
    const api = new Server(true);
    await make(api, wanted({ mode: "link" }));
    const found = await look(api, wanted({ mode: "app" }));
    expect([found?.actual.mode, found?.answer]).toEqual([
      "link",
      "a link, by !jitsi Name or /jitsi Name: the app is not installed; for the camera button see docs/jitsi.md",
    ]);
  });

  it("refuses mode app, with the way out, and leaves no app behind that may not run", async () => {
    const offline = new Server(false);
    offline.reachesCloud = false;
    await expect(make(offline, wanted({ mode: "app" }))).rejects.toThrow(
      "jitsi.mode: app needs a workspace that is registered with Rocket.Chat's cloud and reaches it " +
        "(got POST /api/apps: Rocket.Chat answered 400 (App package download failed)); register it as docs/jitsi.md tells, or set jitsi.mode to auto",
    );
    const full = new Server(true);
    full.enabledApps = 5;
    await expect(make(full, wanted({ mode: "app" }))).rejects.toThrow("Enabled apps have been maxed out");
    expect(full.app).toBeUndefined();
  });
});

describe("from one way to the other", () => {
  it("goes to the app once the workspace is registered: first the app, then the link away", async () => {
    const api = new Server(false);
    await make(api, wanted());
    api.registered = true;
    expect((await look(api, wanted()))?.actual).toEqual({ ...wanted(), mode: "link" });

    api.wrote();
    await make(api, wanted());
    expect(api.wrote()).toEqual([
      "POST /api/apps",
      `POST /api/apps/${appId}/settings`,
      "POST /api/v1/settings/VideoConf_Default_Provider",
      "POST /api/v1/settings/Message_AllowUnrecognizedSlashCommand",
      "POST /api/v1/integrations.remove",
    ]);
    expect(api.settings["Message_AllowUnrecognizedSlashCommand"]).toBe(false);
    expect((await look(api, wanted()))?.actual).toEqual(wanted());
  });

  it("goes back to the link: first the link, then the app away", async () => {
    const api = new Server(true);
    await make(api, wanted({ mode: "app" }));
    expect((await look(api, wanted({ mode: "link" })))?.actual.mode).toBe("app");

    api.wrote();
    await make(api, wanted({ mode: "link" }));
    expect(api.wrote()).toEqual([
      "POST /api/v1/integrations.create",
      "POST /api/v1/settings/Message_AllowUnrecognizedSlashCommand",
      "POST /api/v1/settings/VideoConf_Default_Provider",
      `DELETE /api/apps/${appId}`,
    ]);
    expect(api.settings["VideoConf_Default_Provider"]).toBe("");
  });

  it("keeps another provider of meetings", async () => {
    const api = new Server(true);
    await make(api, wanted({ mode: "app" }));
    api.settings["VideoConf_Default_Provider"] = "BigBlueButton";
    await make(api, wanted({ mode: "link" }));
    expect(api.settings["VideoConf_Default_Provider"]).toBe("BigBlueButton");
  });

  it("leaves nothing behind when it is taken out of the settings", async () => {
    for (const registered of [true, false]) {
      const api = new Server(registered);
      const before = structuredClone(api.settings);
      await make(api, wanted());
      await meetings.remove(api as unknown as Api, "jitsi", wanted(), "jitsi");
      expect([api.app, api.integrations, api.settings]).toEqual([undefined, [], before]);
      expect(await look(api, wanted())).toBeUndefined();
    }
  });
});
