import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { refuseDrift, sayDrift, setBack } from "../ops/lib/drift/drift";
import { lookFor } from "../ops/lib/drift/look";
import type { Stack } from "../ops/lib/stack";
import { compared } from "../ops/lib/status/compared";
import { OperatorError } from "../ops/lib/steps";
import { parseSettings } from "../settings/parse";
import { stackConfig } from "./settings-stack-file";

const settings = parseSettings({ stack: "prod", config: stackConfig("prod"), secretKeys: new Set() });
const bin = mkdtempSync(join(tmpdir(), "rocketchat-look-"));
const calls = join(bin, "calls");
const stack: Stack = {
  name: "prod",
  env: { PATH: `${bin}:${process.env["PATH"] ?? ""}` },
  configArgs: [],
};
const said: string[] = [];
const yes = () => Promise.resolve(true);

afterAll(() => rmSync(bin, { recursive: true }));

/** @param docker Answers as the docker CLI, by `$*`. */
function stub(docker: string): void {
  const state = {
    version: 3,
    deployment: {
      resources: [
        { urn: "x::engine", type: "pulumi:providers:docker", inputs: { host: settings.engine } },
        {
          urn: "x::helper-image",
          type: "docker:index/remoteImage:RemoteImage",
          inputs: { name: "busybox:1" },
        },
      ],
    },
  };
  writeFileSync(join(bin, "state.json"), JSON.stringify(state));
  const config = Object.entries(stackConfig("prod")).map(([key, value]) => [
    `rocketchat:${key}`,
    { value, secret: false },
  ]);
  writeFileSync(join(bin, "config.json"), JSON.stringify(Object.fromEntries(config)));
  const pulumi = `#!/bin/sh\ncase $1 in config) cat ${bin}/config.json ;; *) cat ${bin}/state.json ;; esac\n`;
  writeFileSync(join(bin, "pulumi"), pulumi, { mode: 0o755 });
  writeFileSync(join(bin, "docker"), `#!/bin/sh\necho "$*" | head -n 1 >> ${calls}\n${docker}\n`, {
    mode: 0o755,
  });
  writeFileSync(calls, "");
}

beforeEach(() => {
  vi.stubEnv("PATH", stack.env["PATH"]);
  said.length = 0;
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  return () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  };
});

const refuses = 'echo "docker: the shim could not start" >&2; exit 125';

describe("a look that fails", () => {
  it("is said before a deployment, which looks again after it", async () => {
    stub(`case $* in "image inspect"*) ;; run*) ${refuses} ;; esac`);
    expect(await setBack(stack, settings, yes)).toEqual({ goOn: true, found: true });
    expect(said.join("")).toBe(
      "▸ the engine and its host could not be compared with the state (docker: the shim could not start)\n",
    );
  });

  it("is told to the operator after a deployment", async () => {
    stub(`case $* in "image inspect"*) ;; run*) ${refuses} ;; esac`);
    const refused = refuseDrift(stack, settings);
    await expect(refused).rejects.toThrow(OperatorError);
    await expect(refused).rejects.toThrow(
      /^stack prod: its engine and host could not be compared with its state \(docker: the shim could not start\); mend/,
    );
  });

  it("is a fault of the service in its status", async () => {
    stub(`case $* in run*) echo "docker: No such image: busybox:1" >&2; exit 125 ;; esac`);
    expect(await compared(stack, settings)).toEqual({
      otherwise: [
        "files and limits: could not be compared (docker: No such image: busybox:1); mend what it says; an image that is gone comes back with npm run up -- --stack prod",
      ],
      notes: [],
    });
    expect(readFileSync(calls, "utf8")).not.toContain("pull --quiet");
  });

  it("keeps no preview from going on", async () => {
    stub(refuses);
    await sayDrift(stack);
    expect(said.join("")).toMatch(/^▸ stack prod: its engine and host could not be compared .*shim/);
  });
});

it("asks the engine which limits it keeps", async () => {
  stub('case $* in info*) echo "true false true false" ;; esac');
  const expected = {
    ...{ engine: settings.engine, helperImage: "busybox:1" },
    ...{ containers: [], networks: [], files: [] },
  };
  const { limits } = await lookFor(expected, "prod", [], { fetchesImage: false });
  expect(limits).toEqual({ memory: true, swap: false, pids: true, cpuShares: false });
});

it("a look before a deployment fetches the image that it looks through, where it is gone", async () => {
  stub('case $* in "image inspect"*) echo "Error: No such image: busybox:1" >&2; exit 1 ;; esac');
  expect(await setBack(stack, settings, yes)).toEqual({ goOn: true, found: false });
  expect(readFileSync(calls, "utf8").split("\n")).toContain("pull --quiet busybox:1");
});
