import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readConfig } from "../commands/stack/stack-file";
import { parseSettings } from "../settings/parse";
import { changedByYaml, unreadDocuments } from "../settings/documents";

const directory = mkdtempSync(join(tmpdir(), "documents-"));
const file = join(directory, "Pulumi.prod.yaml");
afterAll(() => rmSync(directory, { recursive: true }));

const two =
  "config:\n  rocketchat:hostname: a.example.org\n---\nconfig:\n  rocketchat:hostname: b.example.org\n";

it("a second YAML document, which Pulumi would leave out, is refused", () => {
  writeFileSync(file, two);
  expect(unreadDocuments("prod", directory)).toEqual([
    {
      key: "Pulumi.prod.yaml",
      rule: "must be one YAML document, else Pulumi reads the first alone",
      value: "got 2",
      fix: "put all keys below one config: and take out the lines ---",
    },
  ]);
  expect(() => readConfig(file)).toThrow(/Pulumi\.prod\.yaml: must be one YAML document, .* \(got 2\)/);
});

it("one that begins with --- and ends with ... is one", () => {
  writeFileSync(file, "---\nconfig:\n  rocketchat:hostname: a.example.org\n...\n");
  expect(unreadDocuments("prod", directory)).toEqual([]);
  expect(readConfig(file)).toEqual({ config: { "rocketchat:hostname": "a.example.org" } });
});

describe("what YAML makes another text of", () => {
  /** As Pulumi hands over what it read. */
  const config = (client: unknown, more = {}) => ({
    hostname: "chat.example.org",
    helperImage: "busybox:1.37.0",
    rocketchat: '{"version":"8.8.1"}',
    mongo: '{"version":"8.0.32"}',
    ingress: '{"version":"3.7.15"}',
    workspace: JSON.stringify({ signIn: { google: { clientId: client } }, ...more }),
    googleClientSecret: "x",
  });
  const written = (text: string) => {
    writeFileSync(file, `config:\n  rocketchat:workspace:\n${text}`);
    return changedByYaml("prod", directory);
  };
  const parsed = (text: string, ...given: Parameters<typeof config>) =>
    parseSettings({
      stack: "prod",
      config: config(...given),
      secretKeys: new Set(["googleClientSecret"]),
      written: written(text),
    });

  it.each<[string, unknown]>([
    ["0123", 83],
    ["0987654321", 987654321],
    ["1_000", 1000],
    ["0x10", 16],
    ["0o17", 15],
    ["0b11", 3],
    ["1e3", 1000],
    ["1.0", 1],
    ["+5", 5],
    ["True", true],
    ["12345678901234567890", 12345678901234567000],
    ["2001-01-01", "2001-01-01 00:00:00 +0000 UTC"],
  ])("is refused where a text is wanted: %s", (source, made) => {
    expect(() => parsed(`    signIn:\n      google:\n        clientId: ${source}\n`, made)).toThrow(
      `workspace.signIn.google.clientId  must be in quotes where it is a text: YAML makes ${String(made)} of it (got ${source}); write it in the stack's file as "${source}"`,
    );
    expect(written(`    a: "${source}"\n    b: '${source}'\n    c: |\n      ${source}\n`)).toEqual(new Map());
  });

  it("is nothing of what is as it was written, nor where a number is wanted", () => {
    expect(
      written("    a: 0\n    b: -12\n    c: 1.10\n    d: true\n    e: 10.0.0.1\n    f: 8.0.32\n    0x1: y\n"),
    ).toEqual(new Map());
    expect(() =>
      parsed("    signIn: { google: { clientId: 1234567890123456789 } }\n", "1234567890123456789"),
    ).not.toThrow();
    const number = { settings: { Message_MaxAllowedSize: 8000 } };
    expect(() => parsed("    settings:\n      Message_MaxAllowedSize: 8_000\n", "x", number)).not.toThrow();
    expect(() =>
      parsed("    settings:\n      Layout_Home_Title: 0123\n", "x", { settings: { Layout_Home_Title: 83 } }),
    ).toThrow(/workspace\.settings\.Layout_Home_Title +must be in quotes/);
  });
});

it("a file that is empty has no settings, one that is no YAML is told with its line, one that is not there is nobody's fault", () => {
  writeFileSync(file, "# nothing yet\n");
  expect(readConfig(file)).toEqual({ config: {} });
  writeFileSync(file, "config:\n  a: [1\n  b: 2\n");
  expect(() => readConfig(file)).toThrow(/Pulumi\.prod\.yaml: must be YAML \(got .*at line \d+/);
  expect(unreadDocuments("other", directory)).toEqual([]);
});
