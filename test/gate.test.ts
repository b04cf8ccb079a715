import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, it } from "vitest";
import { untilItAnswers } from "../commands/status/door";
import { OperatorError } from "../terminal/steps";
import { parseSettings } from "../settings/parse";
import { stackConfig } from "./settings-stack-file";

it("names the address that people open and the one that it asked, with the reason", () => {
  const env = {
    ...process.env,
    GATE_ADDRESS: "127.0.0.1",
    GATE_PORT: "1",
    GATE_HOSTNAME: "chat.example.org",
    GATE_SECONDS: "0",
  };
  const { status, stderr } = spawnSync(process.execPath, ["scripts/rocketchat/gate.js"], {
    env,
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toBe(
    "the workspace did not answer at https://chat.example.org:1/api/info, asked at 127.0.0.1:1, within 0 s (connect ECONNREFUSED 127.0.0.1:1); " +
      "look at the logs of the containers of Rocket.Chat and Traefik: docker logs --tail 50 NAME\n",
  );
});

it("is asked through the engine after a deployment, which fails where nothing answers", async () => {
  const directory = mkdtempSync(join(tmpdir(), "rocketchat-docker-"));
  const docker = join(directory, "docker");
  writeFileSync(docker, `#!/bin/sh\necho "$DOCKER_HOST $*: No such container" >&2\nexit 1\n`);
  chmodSync(docker, 0o755);
  const config = { ...stackConfig("prod"), engine: "ssh://deploy@chat.example.org" };
  const settings = parseSettings({ stack: "prod", config, secretKeys: new Set() });
  const env = { ...process.env, PATH: `${directory}${delimiter}${process.env["PATH"] ?? ""}` };

  const asked = untilItAnswers({ name: "prod", env, configArgs: [] }, settings);
  await expect(asked).rejects.toThrow(OperatorError);
  await expect(asked).rejects.toThrow(
    /^ssh:\/\/deploy@chat\.example\.org exec .* rocketchat node -: No such container\nfront door: must answer at https:\/\/\S+\/api\/info \(it does not\)/,
  );
  rmSync(directory, { recursive: true });
});
