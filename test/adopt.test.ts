import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { namesBesideMongo } from "../inventory";
import type { ContainerFacts, DatabaseFacts, Facts } from "../commands/adopt/facts";
import { defaultsOf } from "../commands/adopt/adopt";
import { differences } from "../commands/adopt/copy";
import type { Plan, PlanOptions } from "../commands/adopt/plan";
import { planOf } from "../commands/adopt/plan-all";
import { readSecret } from "../commands/adopt/prepare-data";
import { readAdoption } from "../commands/adopt/record";
import { Host } from "../engine/host";
import { hostPath, mountOf } from "../commands/adopt/mounts";
import { report } from "../commands/adopt/report";
import { rawConfig, SettingsFile } from "../commands/adopt/settings-file";
import { managed } from "../commands/adopt/managed";
import { parseSettings } from "../settings/parse";

const bind = (source: string, destination: string) => ({ type: "bind", source, destination });
const volume = (name: string, destination: string) => ({
  ...bind(`/var/lib/docker/volumes/${name}/_data`, destination),
  type: "volume",
  volume: name,
});

const container = (over: Partial<ContainerFacts>): ContainerFacts => ({
  id: "0123456789abcdef",
  name: "x",
  image: "x",
  imageLabels: {},
  running: true,
  restart: "always",
  imageNames: [],
  env: {},
  ownEnv: over.env ?? {},
  workingDirectory: "/app/bundle",
  networkMode: "old",
  mounts: [],
  command: undefined,
  ports: [],
  networks: [],
  links: [],
  extraHosts: {},
  labels: {},
  memory: 0,
  special: [],
  ...over,
});

interface Over {
  chat?: Partial<ContainerFacts>;
  mongo?: Partial<ContainerFacts>;
  database?: Partial<DatabaseFacts>;
  settings?: Record<string, string | number | boolean>;
  stores?: Record<string, number>;
  envFile?: string;
  taken?: Map<number, string>;
  options?: Partial<PlanOptions>;
  accept?: string[];
}

/** The workspace of the handbook, as people start it: without a login, uploads in GridFS. */
function plan(over: Over = {}): Plan {
  const facts: Facts = {
    engine: "unix:///var/run/docker.sock",
    chat: container({
      name: "rocketchat",
      image: "rocketchat/rocket.chat:8.8.1",
      env: {
        ROOT_URL: "https://chat.example.org",
        MONGO_URL: "mongodb://mongodb-shared:27017/rocketchat?replicaSet=rs0",
      },
      ...over.chat,
    }),
    mongo: container({
      name: "mongodb-shared",
      image: "mongo:8.0.20",
      mounts: [bind("/opt/mongodb-shared/data", "/data/db")],
      networks: [{ name: "old", names: ["mongodb-shared"], others: [] }],
      ...over.mongo,
    }),
    database: {
      auth: false,
      version: "8.0.20",
      compatibility: "8.0",
      options: { net: { bindIpAll: true }, replication: { replSet: "rs0" } },
      set: { name: "rs0", members: ["mongodb-shared:27017"] },
      oplogMib: 990,
      databases: [{ name: "rocketchat", bytes: 1e6 }],
      users: [],
      chat: {
        settings: {
          Site_Url: "https://chat.example.org",
          FileUpload_Storage_Type: "GridFS",
          FileUpload_MaxFileSize: 104857600,
          ...over.settings,
        },
        settingFields: [],
        settingIds: ["Site_Url", "Site_Name", "FileUpload_MaxFileSize"],
        admins: [{ username: "boss", name: "Boss" }],
        stores: over.stores ?? { GridFS: 3 },
        emoji: 0,
        sounds: 0,
      },
      ...over.database,
    },
    taken: over.taken ?? new Map<number, string>(),
    envFile: over.envFile === undefined ? undefined : { path: "/opt/rocketchat/.env", text: over.envFile },
  };
  return planOf(facts, {
    prefix: "",
    directory: "/opt/rocketchat",
    mongoDirectory: "/opt/mongodb-shared",
    ingressDirectory: "/opt/traefik",

    hostname: undefined,
    rocketchatVersion: undefined,
    httpPort: 80,
    httpsPort: 443,
    accepted: new Set(over.accept ?? []),
    ...over.options,
  });
}

const isRenamed = ({ changes }: Plan) => changes.some(({ what }) => what.startsWith("member of "));
const refused = ({ refusals }: Plan) => refusals.map(({ what, accept }) => [what, accept]);

/** The settings file that a plan makes, read as the program reads it. */
function settingsOf(made: Plan) {
  const file = new SettingsFile("a-stack-that-has-no-file");
  file.apply(made.settings);
  return managed(parseSettings({ stack: "new", config: rawConfig(file.config()), secretKeys: new Set() }));
}

describe("a plain workspace", () => {
  it("becomes settings that the program takes, with nothing refused", () => {
    const made = plan();

    expect(made.refusals).toEqual([]);
    const settings = settingsOf(made);
    expect([settings.url, settings.rocketchat.image, settings.mongo.image, settings.mongo.hostname]).toEqual([
      "https://chat.example.org",
      "rocketchat/rocket.chat:8.8.1",
      "mongo:8.0.20",
      "mongodb-shared",
    ]);
    expect(settings.uploads).toMatchObject({
      storage: "GridFS",
      emojiStorage: "GridFS",
      soundStorage: "GridFS",
    });
    expect(settings.admin.username).toBe("boss");
  });

  it("says what changes and why, what people notice and what stays", () => {
    const text = report(plan(), ["Pulumi.new.yaml"]);

    expect(text).toMatch(/MongoDB's login +anybody who reaches it may do anything +every client logs in/);
    expect(text).toMatch(/oplog +990 MiB +1024 MiB/);
    expect(text).toContain("WebSockets are cut once and reconnect");
    expect(text).toContain("3 files in GridFS, inside the database");
    expect(text).toContain("1 administrator(s) with their passwords: boss");
    expect(text).not.toContain("Not understood");
  });

  it("has a file that says where each value came from", () => {
    const file = new SettingsFile("a-stack-that-has-no-file");
    file.apply(plan().settings);
    const local = parse(readFileSync(join(__dirname, "..", "Pulumi.local.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    };

    expect(file.text()).toContain(
      "rocketchat:hostname: chat.example.org # Site_Url, from the workspace's own settings, in its database",
    );
    expect(file.config()["rocketchat:helperImage"]).toBe(local.config["rocketchat:helperImage"]);
  });
});

describe("what no setting expresses", () => {
  it.each<[string, Over, string, string | undefined]>([
    [
      "a variable",
      { chat: { env: withUrl({ TRANSPORTER: "nats://x" }) } },
      "variable TRANSPORTER of rocketchat",
      "variable:TRANSPORTER",
    ],
    [
      "more proxies",
      { chat: { env: withUrl({ HTTP_FORWARDED_COUNT: "2" }) } },
      "variable HTTP_FORWARDED_COUNT of rocketchat",
      "variable:HTTP_FORWARDED_COUNT",
    ],
    [
      "a variable of MongoDB",
      { mongo: { env: { TZ: "UTC" } } },
      "variable TZ of mongodb-shared",
      "variable:TZ",
    ],
    ["a mount", { chat: { mounts: [bind("/srv/x", "/x")] } }, "mount /srv/x at /x of rocketchat", "mount:/x"],
    [
      "a command",
      { chat: { command: ["sh", "-c", "sleep 1; node other.js"] } },
      "command of rocketchat (sh and 2 more words)",
      "command:rocketchat",
    ],
    [
      "an option of docker run",
      { chat: { special: ["Privileged"] } },
      "Privileged of rocketchat",
      "option:Privileged",
    ],
    [
      "metrics",
      { chat: { ports: [{ container: 9458, protocol: "tcp", host: "0.0.0.0:9458" }] } },
      "port 9458/tcp of rocketchat, published on 0.0.0.0:9458",
      "port:9458",
    ],
    [
      "MongoDB on the host",
      { mongo: { ports: [{ container: 27017, protocol: "tcp", host: "127.0.0.1:27017" }] } },
      "port 27017/tcp of mongodb-shared, published on 127.0.0.1:27017",
      "port:27017",
    ],
    [
      "an option of mongod",
      { database: { options: { security: { javascriptEnabled: false } } } },
      "mongod's security.javascriptEnabled",
      "mongod:security.javascriptEnabled",
    ],
    [
      "an option of the URL",
      { chat: { env: { MONGO_URL: "mongodb://mongodb-shared/rocketchat?tls=true" } } },
      "option tls in MONGO_URL",
      "option:tls",
    ],
    [
      "another database",
      {
        database: {
          databases: [
            { name: "rocketchat", bytes: 1 },
            { name: "wiki", bytes: 1 },
          ],
        },
      },
      "the database wiki (1 MiB) on the same MongoDB",
      "database:wiki",
    ],
    [
      "files in a store that is not here",
      { stores: { AmazonS3: 2 } },
      "2 files in AmazonS3",
      "store:AmazonS3",
    ],
    [
      "uploads elsewhere",
      { settings: { FileUpload_Storage_Type: "AmazonS3" } },
      "uploads in AmazonS3",
      undefined,
    ],
    [
      "three members",
      { database: { set: { name: "rs0", members: ["mongodb-shared:27017", "b:27017", "c:27017"] } } },
      "replica set rs0 with 3 members",
      undefined,
    ],
    [
      "the database in a volume",
      { mongo: { mounts: [volume("db", "/data/db")] } },
      "the database in the volume db",
      undefined,
    ],
    [
      "an unknown version",
      { chat: { image: "rocketchat/rocket.chat:latest" } },
      "image rocketchat/rocket.chat:latest",
      undefined,
    ],
    [
      "an address below a path",
      { settings: { Site_Url: "https://example.org/chat" } },
      "address https://example.org/chat",
      undefined,
    ],
    [
      "a root that nobody knows",
      { database: { users: [{ user: "root", db: "admin", roles: ["root"] }] } },
      "MongoDB's user root, whose password is not known here",
      undefined,
    ],
  ])("%s is refused by name, or accepted by the operator", (_, over, what, accept) => {
    expect(refused(plan(over))).toEqual([[what, accept]]);
    if (accept === undefined) return;
    const accepted = plan({ ...over, accept: [accept] });
    expect(accepted.refusals).toEqual([]);
    expect(accepted.dropped.map((dropped) => dropped.what)).toContain(what);
  });

  it.each([
    ["uploads in AmazonS3", { settings: { FileUpload_Storage_Type: "AmazonS3" } }, true],
    ["uploads in WebDAV", { settings: { FileUpload_Storage_Type: "WebDAV" } }, false],
    ["2 files in AmazonS3", { stores: { AmazonS3: 2 } }, true],
    ["2 files in WebDAV", { stores: { WebDAV: 2 } }, false],
    ["custom emoji in AmazonS3", { settings: { EmojiUpload_Storage_Type: "AmazonS3" } }, false],
  ])("%s are refused, and whether a setting expresses that is told as it is", (what, over, settable) => {
    const [refusal, ...others] = plan(over).refusals;
    expect([refusal?.what, others]).toEqual([what, []]);
    expect(/no setting expresses this store/.test(refusal!.why)).toBe(!settable);
    expect(/uploads\.storage AmazonS3 expresses this store/.test(refusal!.why)).toBe(settable);
  });

  it("is none of what Rocket.Chat ignores or keeps in its database, and each is told with its reason", () => {
    const env = withUrl({
      MAIL_URL: "smtp://x",
      ADMIN_PASS: "x",
      DEPLOY_METHOD: "docker",
      Site_Name: "Ours",
      OVERWRITE_SETTING_Site_Name: "Ours",
      MONGO_OPLOG_URL: "mongodb://mongodb-shared/local",
    });
    const made = plan({ chat: { env } });

    expect(made.refusals).toEqual([]);
    for (const name of Object.keys(env))
      expect(made.dropped.map(({ what }) => what)).toContain(`variable ${name}`);
  });
});

describe("uploads that are files", () => {
  const files: Over = {
    settings: { FileUpload_Storage_Type: "FileSystem", FileUpload_FileSystemPath: "/var/uploads/files" },
    stores: { FileSystem: 2, GridFS: 1 },
  };

  it("are used where they are, under another name in the container", () => {
    const made = plan({ ...files, chat: { mounts: [bind("/srv/uploads", "/var/uploads")] } });

    expect(made.refusals).toEqual([]);
    expect(settingsOf(made).uploads).toMatchObject({
      storage: "FileSystem",
      directory: "/srv/uploads/files",
    });
    expect(made.kept).toContain("1 files in GridFS, inside the database");
    expect(made.dropped.map(({ what }) => what)).not.toContain("mount of /var/uploads");
    expect(made.changes.map(({ now, then }) => `${now} → ${then}`)).toContain(
      "/var/uploads/files → /app/uploads",
    );
  });

  it.each([
    ["a volume", [volume("up", "/var/uploads")], "uploads in the volume up"],
    ["the container itself", [], "uploads in rocketchat's own file system"],
  ])("in %s are refused, with the way to move them", (_, mounts, what) => {
    const made = plan({ ...files, chat: { mounts } });

    expect(refused(made)).toEqual([[what, undefined]]);
    expect(made.refusals[0]?.fix).toContain(
      "docker cp -a rocketchat:/var/uploads/files/. /opt/rocketchat/uploads",
    );
  });

  it.each([
    [-1, "1 TiB", ["unlimited"]],
    [1000, "1 MiB", ["1000 B"]],
    [52428800, "50 MiB", []],
  ])("may be as large as before: %d is %s, and a change where it cannot", (size, setting, before) => {
    const made = plan({ settings: { FileUpload_MaxFileSize: size } });
    expect(settingsOf(made).uploads.maxSize.toString()).toBe(setting);
    expect(made.changes.flatMap(({ what, now }) => (what === "largest upload" ? [now] : []))).toEqual(before);
  });
});

describe("custom emoji that are files", () => {
  const emoji = (path: string, source: string): Over => ({
    settings: { EmojiUpload_Storage_Type: "FileSystem", EmojiUpload_FileSystemPath: path },
    chat: { mounts: [bind(source, "/emoji")] },
  });
  const withEmoji = (over: Over): Plan => {
    const base = plan(over);
    expect(base.refusals.map(({ accept }) => accept)).toEqual(["mount:/emoji"]); // nobody uses it without emoji
    return plan({ ...over, database: { chat: { ...chatFacts(over), emoji: 4 } } });
  };
  const chatFacts = ({ settings = {} }: Over) => ({
    settings: { Site_Url: "https://chat.example.org", ...settings },
    settingFields: [],
    settingIds: [],
    admins: [{ username: "boss" }],
    stores: {},
    emoji: 0,
    sounds: 0,
  });

  it("are found in a directory called custom-emoji", () => {
    const made = withEmoji(emoji("/emoji/custom-emoji", "/srv/assets"));
    expect(made.refusals).toEqual([]);
    expect(settingsOf(made).rocketchat.dataDirectory).toBe("/srv/assets");
  });

  it("are refused in another one, with the way to move them", () => {
    const made = withEmoji(emoji("/emoji", "/srv/assets"));
    expect(made.refusals.map(({ what }) => what)).toContain("4 custom emoji in /emoji");
  });

  it.each([
    ["/srv/assets", []],
    ["/srv/others", ["2 custom sounds in /sounds/custom-sounds"]],
  ])("have custom sounds beside them: in %s they lead to %j", (source, refusals) => {
    const over = emoji("/emoji/custom-emoji", "/srv/assets");
    const settings = {
      ...over.settings,
      CustomSounds_Storage_Type: "FileSystem",
      CustomSounds_FileSystemPath: "/sounds/custom-sounds",
    };
    const made = plan({
      chat: { mounts: [bind("/srv/assets", "/emoji"), bind(source, "/sounds")] },
      database: { chat: { ...chatFacts({ settings }), emoji: 4, sounds: 2 } },
    });
    expect(made.refusals.map(({ what }) => what).filter((what) => /custom/.test(what))).toEqual(refusals);
    expect(settingsOf(made).rocketchat.dataDirectory).toBe("/srv/assets");
  });
});

describe("MongoDB", () => {
  it.each([
    ["its number", "0123456789ab:27017"],
    ["an address", "172.18.0.2:27017"],
    ["itself only", "localhost:27017"],
    ["a name that leads elsewhere", "mongo:27017"],
  ])("gets its standard name where its member is called by %s", (_, member) => {
    const made = plan({ database: { set: { name: "rs1", members: [member] } } });
    expect([isRenamed(made), settingsOf(made).mongo.hostname, settingsOf(made).mongo.replicaSet]).toEqual([
      true,
      "mongodb-shared",
      "rs1",
    ]);
  });

  it("keeps a name that is an alias of it", () => {
    const networks = [{ name: "old", names: ["mongodb-shared", "mongo"], others: [] }];
    const made = plan({ mongo: { networks }, database: { set: { name: "rs0", members: ["mongo:27017"] } } });
    expect([isRenamed(made), settingsOf(made).mongo.hostname]).toEqual([false, "mongo"]);
  });

  it.each(namesBesideMongo({ prefix: "" }))(
    "does not keep its name %s, which another container bears",
    (name) => {
      const made = plan({
        mongo: { networks: [{ name: "old", names: [name], others: [] }] },
        database: { set: { name: "rs0", members: [`${name}:27017`] } },
      });
      expect([isRenamed(made), settingsOf(made).mongo.hostname]).toEqual([true, "mongodb-shared"]);
    },
  );

  it("becomes a replica set where it was none, and keeps a larger oplog and cache", () => {
    const made = plan({
      database: {
        set: undefined as never,
        oplogMib: 2048,
        options: { storage: { wiredTiger: { engineConfig: { cacheSizeGB: 2 } } } },
      },
    });
    const { mongo, resources } = settingsOf(made);
    expect([mongo.replicaSet, mongo.oplogSize.toString(), mongo.cacheSize.toString()]).toEqual([
      "rs0",
      "2 GiB",
      "2 GiB",
    ]);
    expect(resources.mongo.memory.toString()).toBe("2560 MiB");
  });

  it("keeps its data where the stack would have put other things", () => {
    const made = plan({ mongo: { mounts: [bind("/opt/rocketchat/data", "/data/db")] } });
    const settings = settingsOf(made);
    expect([settings.mongo.dataDirectory, settings.rocketchat.dataDirectory]).toEqual([
      "/opt/rocketchat/data",
      "/opt/rocketchat/files",
    ]);
    const inTheMiddle = settingsOf(plan({ mongo: { mounts: [bind("/opt/mongodb-shared", "/data/db")] } }));
    expect([inTheMiddle.mongo.dataDirectory, inTheMiddle.mongo.directory]).toEqual([
      "/opt/mongodb-shared",
      "/opt/mongodb-shared-stack",
    ]);
  });

  it("keeps Rocket.Chat's user and password, and never prints it", () => {
    const env = { MONGO_URL: "mongodb://chat:p%40ss@mongodb-shared/rocketchat?authSource=admin" };
    const made = plan({ chat: { env }, database: { auth: true, keyfile: "abcdefgh" } });

    expect(made.secrets).toMatchObject({ mongoPassword: "p@ss", keyfile: "abcdefgh" });
    expect(settingsOf(made).mongo.user).toBe("chat");
    expect(report(made, [])).toMatch(/login to MongoDB +chat of admin +chat of rocketchat/);
    expect(report(made, [])).not.toContain("p@ss");
  });
});

describe("the .env file", () => {
  it("gives the registration token, and its differences from what runs", () => {
    const labels = { "com.docker.compose.project": "chat" };
    const made = plan({
      chat: { labels },
      envFile: "REG_TOKEN='tok#en'\nROOT_URL=https://other.example.org\nDOMAIN=x\n",
    });
    expect(made.secrets.registrationToken).toBe("tok#en");
    expect(made.changes.map(({ what }) => what)).toContain("ROOT_URL in .env");
    expect(made.dropped.map(({ what }) => what)).toContain("in .env only: REG_TOKEN, DOMAIN");
    expect(report(made, [])).not.toContain("tok#en");
  });
});

describe("the front door", () => {
  it("tells the new address where it is another one", () => {
    const made = plan({ settings: { Site_Url: "http://chat.example.org:3000" } });
    expect(made.notices.join("\n")).toContain(
      "the address is https://chat.example.org: browsers, apps and webhooks that use http://chat.example.org:3000 must be given it",
    );
  });

  it("tells who has its ports, unless it is the old Rocket.Chat itself", () => {
    const ports = ({ changes }: Plan) =>
      changes.filter(({ what }) => /^port \d+$/.test(what)).map(({ now }) => now);
    const taken = (who: string) => new Map([[443, who]]);

    expect(ports(plan({ taken: taken("the container nginx") }))).toEqual(["taken by the container nginx"]);
    expect(ports(plan({ taken: taken("the container rocketchat") }))).toEqual([]);
  });

  it("warns of compose, which would start the old containers again", () => {
    const labels = { "com.docker.compose.project.working_dir": "/srv/chat", "traefik.enable": "true" };
    const made = plan({ chat: { labels } });
    expect(made.notices.join("\n")).toContain(
      "docker compose up in /srv/chat would start the old containers again",
    );
    expect(made.dropped.map(({ what }) => what)).toContain("1 labels for a Traefik of yours");
  });
});

describe("the check of a copy", () => {
  it("takes a count between those of before and after, and no other", () => {
    const before = { "r.messages": 5, "r.rooms": 2, "r.uploads": 1 };
    const after = { ...before, "r.messages": 7 };
    expect(differences(before, after, { ...before, "r.messages": 6 })).toEqual([]);
    expect(differences(before, after, { "r.messages": 4, "r.rooms": 2 })).toEqual([
      "r.messages",
      "r.uploads",
    ]);
  });
});

it("makes no directory on a host that it only looks at", async () => {
  const env = { PATH: `${join(__dirname, "stubs/no-directory")}:${process.env["PATH"]}` };
  const host = new Host("unix:///nowhere.sock", "busybox:1.37.0", env);

  expect(await host.read("/opt/x/.env")).toBe("");
  expect(await readAdoption(host, "/opt/x")).toBeUndefined();
  expect(await readSecret(host, "/opt/x", "root-password")).toBe("");
  expect(
    await host.look("scripts/host/adoption/owner.sh", "/opt/x", { DIRECTORY: "/opt/x/y" }),
  ).toBeUndefined();
});

it("begins without a settings file, where the CA is a public one", () => {
  const name = "a-stack-that-has-no-file";
  const before = defaultsOf({ name, env: {}, configArgs: [] }, new SettingsFile(name));
  expect([before.directory, before.mongo.directory]).toEqual(["/opt/rocketchat", "/opt/mongodb-shared"]);
});

it("begins with settings of a test CA that name no hostname yet", () => {
  const config = {
    "rocketchat:helperImage": "busybox:1.37.0",
    "rocketchat:ingress": { version: "3.7.15", acme: { server: "test-ca" } },
  };
  const file = { config: () => config } as unknown as SettingsFile;
  expect(defaultsOf({ name: "server", env: {}, configArgs: [] }, file).hostname).toBe("chat.localhost");
});

it("finds the mount that a path lies on", () => {
  const mounts = [bind("/a", "/data"), bind("/b", "/data/db"), bind("/c", "/data/dbx")];
  expect(hostPath(mountOf(mounts, "/data/db")!, "/data/db")).toBe("/b");
  expect(hostPath(mountOf(mounts, "/data/db/x")!, "/data/db/x")).toBe("/b/x");
  expect(hostPath(mountOf(mounts, "/data/other")!, "/data/other")).toBe("/a/other");
  expect(mountOf(mounts, "/elsewhere")).toBeUndefined();
});

function withUrl(env: Record<string, string>): Record<string, string> {
  return { MONGO_URL: "mongodb://mongodb-shared:27017/rocketchat?replicaSet=rs0", ...env };
}
