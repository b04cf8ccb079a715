import { RunError } from "@pulumi/pulumi/errors";
import { expect, it } from "vitest";
import { rocketChatEnvironment } from "../components/chat/rocketchat-environment";
import { parseSettings } from "../settings/parse";
import type { PlainSettings } from "../settings/schema";
import { settingKeys } from "../settings/keys";
import { stackConfig } from "./settings-stack-file";

/** A generator of numbers with a fixed seed (mulberry32), so that a run that fails fails again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values as people, YAML and `pulumi config set` leave them behind. */
const values: unknown[] = [
  "",
  " ",
  "0",
  "00",
  "-1",
  "1.5",
  "1e3",
  "0x10",
  "NaN",
  "null",
  "true",
  "yes",
  "~",
  "constructor",
  "__proto__",
  "toString",
  "a",
  "A",
  "é",
  "日本",
  "a b",
  "a\nb",
  "a\tb",
  "\u0000",
  "\u001b[31m",
  "$HOME",
  "${X}",
  "`id`",
  "$(id)",
  "'",
  '"',
  `'"\``,
  "%41",
  "%",
  "..",
  "../..",
  "/",
  "//",
  "/tmp",
  "/opt/x",
  "/opt/x/",
  "1 MiB",
  "1.5 GB",
  "1 mib",
  "100",
  "1 GiB",
  "999999999999 TiB",
  "30 seconds",
  "1 s",
  "1 day",
  "0 seconds",
  "08.5.3",
  "8.5",
  "8.5.3",
  "9999999.0.0",
  "8.5.3-rc.1",
  "latest",
  "v3.7.15",
  "mongo",
  "mongo:8",
  "mongo:8.0.20",
  "a@b",
  "a@b.c",
  "a.@b.example",
  "chat.example.org",
  "CHAT.example.org",
  "127.0.0.1",
  "::",
  "localhost",
  "http://a.example",
  "https://a.example",
  "https://u:p@a.example",
  "ssh://u@h:022",
  "sftp://u@h/p",
  "s3:x",
  "x".repeat(63),
  "x".repeat(64),
  "x".repeat(5000),
  "24:00",
  "09:30",
  "a,b",
  "a  b",
  "#",
  "-",
  "--help",
  0,
  1,
  -1,
  80,
  65535,
  65536,
  1.5,
  1e21,
  2 ** 53,
  Number.MAX_SAFE_INTEGER,
  true,
  false,
  null,
  [],
  ["a"],
  [1, [2]],
  {},
  { a: 1 },
  { constructor: {} },
  JSON.parse('{"__proto__":{"x":1}}') as unknown,
];

/** Changes that are right, as people make them. */
const right: [key: string, value: unknown][] = [
  ["hostname", "talk.example.org"],
  ["prefix", "second-"],
  ["engine", "ssh://deploy@server.example.org:2222"],
  ["mongo.cacheSize", "300 MiB"],
  ["mongo.oplogSize", "1.5 GiB"],
  ["mongo.image", "Registry.example.org:5000/mirror/mongo:8.0.32-noble"],
  ["ingress.drain", "1m30s"],
  ["ingress.acme.email", "o'neil+acme@example.org"],
  ["uploads.maxSize", "2 GiB"],
  ["resources.traefik.cpus", "1.25"],
  ["resources.rocketchat.memory", "3 GiB"],
  ["workspace.settings.Log_Level", 0],
  ["workspace.settings.API_CORS_Origin", 1098765432109876],
  ["workspace.organisation.name", 42],
  ["workspace.channels.constructor.topic", "1"],
  ["workspace.channels.ops.topic", 10987654321098],
  ["admin.name", "x"],
];

const tracked = Object.fromEntries(
  Object.entries(stackConfig("prod")).map(([key, text]) => [key, decoded(text)]),
);

function decoded(text: string): unknown {
  return /^[[{]/.test(text) ? (JSON.parse(text) as unknown) : text;
}

/** Sets a dotted key; what stands in its way is put aside. */
function put(config: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split(".");
  const last = names.pop()!;
  let node = config;
  for (const name of names) {
    const next = Object.hasOwn(node, name) ? node[name] : undefined;
    node = (node[name] = typeof next === "object" && next !== null ? next : {}) as Record<string, unknown>;
  }
  node[last] = value;
}

interface Case {
  config: Record<string, string>;
  told: string;
}

/** Settings of production with one to three keys changed, and now and then a key that nobody knows. */
function* cases(count: number): Generator<Case> {
  const random = numbers(20261201);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const keys = settingKeys();
  for (let made = 0; made < count; made++) {
    const config = structuredClone(tracked) as Record<string, unknown>;
    const told: string[] = [];
    for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
      if (random() < 0.6) {
        const [key, value] = pick(right);
        put(config, key, value);
        told.push(`${key} = ${JSON.stringify(value)}`);
        continue;
      }
      const name = pick(["ops", "constructor", "a-b", "API_Enable_CORS", "x"]);
      const known = pick(keys).replace("<name>", name);
      const key = random() < 0.1 ? `${known}${pick(["x", "s", ".constructor", ".a"])}` : known;
      const value = structuredClone(pick(values));
      put(config, key, value);
      told.push(`${key} = ${JSON.stringify(value)}`);
    }
    const texts = Object.entries(config).map(([key, value]): [string, string] => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    yield { config: Object.fromEntries(texts), told: told.join("; ") };
  }
}

/** What a deployment makes of accepted settings before anything of an engine is asked. */
function usable(settings: PlainSettings): void {
  const { rocketchat, mongo, traefik, testCa, backup } = settings.resources;
  for (const part of [rocketchat, mongo, traefik, testCa, backup]) part.memory.toMebibytes();
  const learnt = { value: "x", standIn: "x" };
  rocketChatEnvironment(
    { ...settings, secrets: {} },
    {
      database: { uri: learnt, oplogUri: undefined } as never,
      adminPassword: { value: "x", firstStandIn: "x" } as never,
    },
  );
}

it("no setting crashes the program or breaks it afterwards: it is taken, or refused with its key, the rule and a fix", () => {
  const counts = { taken: 0, refused: 0 };
  const wrong: string[] = [];
  for (const { config, told } of cases(800)) {
    try {
      usable(parseSettings({ stack: "prod", config, secretKeys: new Set() }));
      counts.taken += 1;
    } catch (error) {
      counts.refused += 1;
      const message = error instanceof Error ? error.message : String(error);
      const [head = "", ...lines] = message.split("\n");
      const whole =
        error instanceof RunError && /^rocketchat, stack prod: \d+ problems? in the settings$/.test(head);
      const form =
        lines.length > 0 && lines.every((line) => /^ {2}\S.* {2}\S.* \((got|secret).*\); \S/.test(line));
      // eslint-disable-next-line no-control-regex -- that is what is looked for
      if (!whole || !form || /[\u0000-\u0009\u000b-\u001f]/.test(message)) wrong.push(`${told}\n${message}`);
    }
  }
  expect(wrong).toEqual([]);
  // Both happen, often.
  expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(100);
}, 60_000);
