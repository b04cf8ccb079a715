import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { anyName, childrenOf, entryOf, inner, settingKeys } from "../settings/keys";
import { exampleValueOf } from "../settings/leaf";
import { modes } from "../settings/modes";
import { parseSettings } from "../settings/parse";
import { renamedKeys, schema, secretRules } from "../settings/schema";
import { namedSecretKeys } from "../settings/workspace/secrets";
import { managedServers, stackConfig } from "./settings-stack-file";

const root = join(__dirname, "..");

const secrets = Object.keys(secretRules).length + namedSecretKeys.length;

describe("docs/settings.md", () => {
  const [reference = "", renames = ""] = readFileSync(join(root, "docs/settings.md"), "utf8").split(
    "## Renamed keys",
  );
  const rows = [...reference.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$/gm)];

  it("has every key, none that does not exist, in the schema's order", () => {
    expect(rows.map(([, key]) => key)).toEqual(settingKeys());
  });

  it("tells every default as the schema has it", () => {
    const documented = rows.slice(0, -secrets).map(([, key, , value]) => [key, value]);
    expect(documented).toEqual(documented.map(([key = "", value = ""]) => [key, defaultText(key, value)]));
  });

  it("lists the renamed keys", () => {
    const listed = [...renames.matchAll(/^\| `([^`]+)` \| `([^`]+)`/gm)].map(([, old, to]) => [old, to]);
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(Object.entries(renamedKeys).map(([old, { to }]) => [old, to])),
    );
  });
});

it("gives examples that are right themselves, for every required key", () => {
  const required = settingKeys()
    .slice(0, -secrets)
    .filter((key) => !key.endsWith(anyName))
    .map(typeOf)
    .filter((type) => type === inner(type));
  expect(required).toHaveLength(17);
  for (const type of required) expect(type.safeParse(exampleValueOf(type)).error).toBeUndefined();
});

describe("Pulumi.prod.yaml", () => {
  const prod = parseSettings({ stack: "prod", config: stackConfig("prod"), secretKeys: new Set() });

  it("is the source document", () => {
    expect([prod.url, prod.rocketchat.port, prod.directory]).toEqual([
      "https://chat.srv759970.hstgr.cloud",
      3002,
      "/opt/rocketchat",
    ]);
    const { hostname, replicaSet, database, user } = prod.mongo;
    expect({ hostname, replicaSet, database, user }).toEqual({
      hostname: "mongodb-shared",
      replicaSet: "rs0",
      database: "rocketchat",
      user: "rocketchat",
    });
    expect(prod.jitsi).toMatchObject({ mode: "auto", domain: "meet.srv759970.hstgr.cloud", ssl: true });
    expect(managedServers(prod).ingress.acme.server).toBe("https://acme-v02.api.letsencrypt.org/directory");
    expect(prod.prefix).toBe("");
  });

  it("marks what the document does not say as our choice", () => {
    const lines = readFileSync(join(root, "Pulumi.prod.yaml"), "utf8").split("\n");
    const chosen = lines
      .filter((_, i) => lines[i - 1]?.includes("# Our choice: "))
      .map((line) => line.trim());
    expect(chosen).toEqual([
      "rocketchat:engine: ssh://root@srv759970.hstgr.cloud",
      "rocketchat:helperImage: busybox:1.37.0",
      "version: 8.8.1",
      "version: 8.0.32",
      "version: 3.7.15",
      "repository: /var/backups/rocketchat",
      "name: srv759970.hstgr.cloud",
      "language: fr",
      "form: Disabled",
    ]);
  });
});

describe("Pulumi.local.yaml", () => {
  const local = parseSettings({ stack: "local", config: stackConfig("local"), secretKeys: new Set() });

  it("listens on this machine only, under a name that needs no DNS entry", () => {
    const { ingress } = managedServers(local);
    expect([local.url, ingress.bind, local.engine, ingress.acme.server]).toEqual([
      "https://chat.localhost:8443",
      "127.0.0.1",
      "unix:///var/run/docker.sock",
      "test-ca",
    ]);
  });

  it("runs the versions of prod", () => {
    const prod = parseSettings({ stack: "prod", config: stackConfig("prod"), secretKeys: new Set() });
    const images = (of: typeof prod) => [
      of.rocketchat.image,
      of.mongo.image,
      managedServers(of).ingress.image,
      of.helperImage,
    ];
    expect(images(local)).toEqual(images(prod));
  });
});

it.each(["prod", "local"])("keeps no salt and no secret in Pulumi.%s.yaml", (stack) => {
  expect(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8")).not.toMatch(/encryptionsalt|secure:/);
});

function typeOf(key: string): z.ZodType {
  return key.split(".").reduce<z.ZodType>((type, name) => {
    const group = inner(type);
    const child =
      group instanceof z.ZodObject
        ? childrenOf(group).find(([known]) => known === name)?.[1]
        : entryOf(group);
    if (child === undefined) throw new Error(`${key} is not in the schema`);
    return child;
  }, schema);
}

/** What the documentation must say; a default that depends on other keys says so with `<...>`. */
function defaultText(key: string, documented: string): string {
  if (key.endsWith(anyName)) return "none";
  const type = typeOf(key);
  const mode = modes.find(({ required }) => required.includes(key))?.name;
  if (type instanceof z.ZodDefault) {
    const given: unknown = type.parse(undefined);
    const value = Array.isArray(given) ? given.join(" ") : String(given);
    return value === "" ? "empty" : `\`${value}\``;
  }
  // What some mode requires has perhaps a default in another one.
  if (mode !== undefined) {
    const [, word = ""] = mode.split(" ");
    return /`.*<prefix>.*`; required with `existing`$/.test(documented)
      ? documented
      : `required with \`${word}\``;
  }
  if (type instanceof z.ZodOptional)
    return /^(none|left alone|`.*<(prefix|version|hostname)>.*`)$/.test(documented) ? documented : "none";
  return documented.startsWith("required") ? documented : "required";
}
