import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { ensureToolchain } from "../machine/toolchain";

const directory = mkdtempSync(join(tmpdir(), "toolchain-"));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

it("a Pulumi of the PATH is taken, keeps its logs for a day, or as long as somebody says", async () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of ["docker", "command", "random"]) {
    const version = dependencies[`@pulumi/${name}`];
    mkdirSync(join(directory, "plugins", `resource-${name}-v${version}`), { recursive: true });
  }
  writeFileSync(join(directory, "pulumi"), "#!/bin/sh\n", { mode: 0o755 });
  const path = `${directory}${delimiter}${process.env["PATH"]}`;
  vi.stubEnv("PATH", path);
  vi.stubEnv("PULUMI_HOME", directory);
  vi.stubEnv("PULUMI_LOG_ROTATION_MAX_AGE_DAYS", undefined);
  expect(await ensureToolchain()).toMatchObject({ PATH: path, PULUMI_LOG_ROTATION_MAX_AGE_DAYS: "1" });
  vi.stubEnv("PULUMI_LOG_ROTATION_MAX_AGE_DAYS", "7");
  expect(await ensureToolchain()).toMatchObject({ PULUMI_LOG_ROTATION_MAX_AGE_DAYS: "7" });
});
