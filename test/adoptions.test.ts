import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { containerFacts } from "../commands/adopt/container-facts";
import type { Facts } from "../commands/adopt/facts";
import { managed } from "../commands/adopt/managed";
import type { Plan } from "../commands/adopt/plan";
import { planOf } from "../commands/adopt/plan-all";
import { report } from "../commands/adopt/report";
import { rawConfig, SettingsFile } from "../commands/adopt/settings-file";
import { OperatorError } from "../terminal/steps";
import { parseSettings } from "../settings/parse";
import { images, inspected } from "./adoptions/inspected";
import type { Row } from "./adoptions/row";
import { rows } from "./adoptions/rows";

interface Expected {
  /** The settings of a plain workspace. */
  plain: Record<string, unknown>;
  /** Of each row the settings that differ from those (null: it has none), or every refusal word by word. */
  rows: Record<string, { settings?: Record<string, unknown>; refusals?: string[] }>;
}

const { plain, rows: expected } = parse(
  readFileSync(join(__dirname, "adoptions", "expected.yaml"), "utf8"),
) as Expected;

function factsOf(row: Row): Facts {
  const mongoName = row.mongo?.name ?? "chat_mongo_1";
  const chat = inspected(
    {
      name: "rocketchat",
      image: "rocketchat/rocket.chat:8.5.3",
      env: ["MONGO_URL=mongodb://mongo:27017/rocketchat?replicaSet=rs0", "ROOT_URL=https://chat.example.org"],
      ...row.chat,
    },
    images[row.chatImage ?? "rocketchat"],
  );
  const mongo = inspected(
    {
      name: mongoName,
      image: "mongo:8.0.20",
      aliases: ["mongo"],
      volumes: ["/srv/mongo:/data/db"],
      ...row.mongo,
    },
    images[row.mongoImage ?? "mongo"],
  );
  const neighbours = { chat_default: ["rocketchat", mongoName] };
  const names = Object.keys(row.settings ?? {});
  return {
    engine: "unix:///var/run/docker.sock",
    chat: containerFacts(...chat, neighbours),
    mongo: containerFacts(...mongo, neighbours),
    database: {
      auth: false,
      version: "8.0.20",
      compatibility: "8.0",
      oplogMib: 990,
      users: [],
      options: { net: { bindIp: "*" }, replication: { replSet: "rs0" } },
      set: { name: "rs0", members: ["mongo:27017"] },
      databases: [{ name: "rocketchat", bytes: 1e6 }],
      ...row.database,
      chat: {
        settings: {
          Site_Url: "https://chat.example.org",
          FileUpload_Storage_Type: "GridFS",
          ...row.settings,
        },
        settingFields: [],
        settingIds: ["Site_Url", "Site_Name", ...names],
        admins: [{ username: "boss" }],
        stores: row.stores ?? { GridFS: 3 },
        emoji: row.emoji ?? 0,
        sounds: 0,
      },
    },
    taken: new Map(),
    envFile: row.envFile === undefined ? undefined : { path: "/opt/rocketchat/.env", text: row.envFile },
  };
}

function planFor(row: Row): Plan {
  return planOf(factsOf(row), {
    prefix: "",
    directory: "/opt/rocketchat",
    mongoDirectory: "/opt/mongodb-shared",
    ingressDirectory: "/opt/traefik",
    hostname: undefined,
    rocketchatVersion: undefined,
    httpPort: 80,
    httpsPort: 443,
    accepted: new Set(row.accept),
    ...row.options,
  });
}

/** The settings, or the refusals, or what ends the command before there is a plan. */
function outcome(row: Row): { found: object; text: string; plan?: Plan } {
  try {
    const plan = planFor(row);
    const text = report(plan, []);
    if (plan.refusals.length > 0) {
      const refusals = plan.refusals.map(
        ({ what, why, fix, accept }) => `${what}: ${why}; ${fix}${accept ? `; --accept ${accept}` : ""}`,
      );
      return { found: { refusals }, text, plan };
    }
    const settings = plan.settings.filter(({ value }) => value !== undefined);
    return {
      found: { settings: Object.fromEntries(settings.map(({ key, value }) => [key, value])) },
      text,
      plan,
    };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { found: { refusals: [error.message] }, text: error.message };
  }
}

const wayOut = /run this command again|--accept|--hostname|--rocketchat-version|--mongodb|dropUser/;

describe("workspaces as people run them", () => {
  it("are 40 and more, each with its own name and its expected end", () => {
    expect(rows.length).toBeGreaterThanOrEqual(40);
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(rows.map((row) => [row.name, row] as const))("%s", (name, row) => {
    const { found, text, plan } = outcome(row);
    const wanted = expected[name]!;

    const settings = Object.entries({ ...plain, ...wanted.settings }).filter(([, value]) => value !== null);
    expect(found).toEqual(
      wanted.refusals === undefined ? { settings: Object.fromEntries(settings) } : wanted,
    );
    if (row.says !== undefined) expect(text).toContain(row.says);
    expect(text).not.toContain("hunter2");
    for (const refusal of wanted.refusals ?? []) expect(refusal).toMatch(wayOut);
    if (wanted.refusals !== undefined || plan === undefined) return;
    // What is adopted is what the program takes.
    const file = new SettingsFile("a-stack-that-has-no-file");
    file.apply(plan.settings);
    managed(parseSettings({ stack: "new", config: rawConfig(file.config()), secretKeys: new Set() }));
  });
});
