import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { inventoryOf } from "../inventory";
import { observe } from "../commands/status/observe";
import { parseSettings } from "../settings/parse";
import { stackConfig } from "./settings-stack-file";

let directory: string;
let asked: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "rocketchat-observe-"));
  asked = join(directory, "asked");
  mkdirSync(join(directory, "bin"));
  // An engine that answers, and has nothing.
  writeFileSync(
    join(directory, "bin", "docker"),
    `#!/bin/sh\necho "$*" >> '${asked}'\ncase $1 in version) echo 28.2.2 ;; *) exit 1 ;; esac\n`,
    { mode: 0o755 },
  );
  vi.stubEnv("PATH", `${join(directory, "bin")}${delimiter}${process.env["PATH"]}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

it.each(["prod", "local"])(
  "status of %s looks at every container, MongoDB first, and at every disk with data",
  async (stack) => {
    const settings = parseSettings({ stack, config: stackConfig(stack), secretKeys: new Set() });
    const { containers } = await observe(settings);

    const { containers: all, directories } = inventoryOf(settings);
    expect(containers[0]?.name).toBe(settings.mongo.hostname);
    expect(containers.map(({ name }) => name).sort()).toEqual(all.map(({ name }) => name).sort());
    const [run = ""] = readFileSync(asked, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("run "));
    const mounted = [...run.matchAll(/source=([^,]+),/g)].map(([, path]) => path);
    expect(mounted.sort()).toEqual(
      directories
        .filter(({ holds }) => holds === "data")
        .map(({ path }) => path)
        .sort(),
    );
    expect(mounted.length).toBeGreaterThan(3);
  },
);
