import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readConfig } from "../ops/lib/stack-file";
import { unreadDocuments } from "../settings/documents";

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

it("a file that is empty has no settings, one that is no YAML is told with its line, one that is not there is nobody's fault", () => {
  writeFileSync(file, "# nothing yet\n");
  expect(readConfig(file)).toEqual({ config: {} });
  writeFileSync(file, "config:\n  a: [1\n  b: 2\n");
  expect(() => readConfig(file)).toThrow(/Pulumi\.prod\.yaml: must be YAML \(got .*at line \d+/);
  expect(unreadDocuments("other", directory)).toEqual([]);
});
