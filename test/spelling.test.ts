import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(__dirname, "..");

/** What only the inventory says: how a name is made of a prefix, and where something lies in a directory of the settings. */
const spelled = {
  "a container's or a network's name": [
    // Directories have defaults below /opt, which the settings say.
    /(?<!\/opt\/\$\{)prefix\}(rocketchat|mongodb-shared|traefik|test-ca|edge|data|egress|adoption)/,
    /\}-(backup|restore|maintenance|drill)\b/,
    /["'`]rocketchat-(backup|restore|maintenance|drill)/,
  ],
  "a place in a directory": [
    /irectory\}\/(secrets|backup|uploads|data|acme|dynamic|test-ca|\.env|adoption\.json)\b/,
    /join\((?!__dirname)[^)]*"(secrets|backup|uploads|data|acme|dynamic|test-ca|\.env)"/,
  ],
};

const files = [
  "settings",
  "preflight",
  "engine",
  "components",
  "workspace",
  "scripts",
  "machine",
  "terminal",
  "commands",
]
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((file) => join(room, file)),
  )
  .filter((file) => /\.m?[jt]s$/.test(file));

/** Lines of code, without what only speaks of it. */
function codeOf(file: string): string[] {
  return readFileSync(join(root, file), "utf8")
    .split("\n")
    .filter((line) => !/^\s*(\*|\/\/|\/\*)/.test(line));
}

describe.each(Object.entries(spelled))("%s", (_what, patterns) => {
  it("is spelt in the inventory alone, so that no two lists can differ", () => {
    expect(files.length).toBeGreaterThan(200);
    const found = [...files, "index.ts"].flatMap((file) =>
      codeOf(file)
        .filter((line) => patterns.some((pattern) => pattern.test(line)))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  it.each(patterns)("would be found by %s", (pattern) => {
    const inventory = readdirSync(join(root, "inventory")).flatMap((file) => codeOf(join("inventory", file)));
    const samples = [...inventory, 'join(directory, "secrets")', '["rocketchat-backup"]'];
    expect(samples.some((line) => pattern.test(line))).toBe(true);
  });
});
