import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { refuseDrift, sayDrift, setBack } from "../commands/drift/drift";
import { lookFor } from "../commands/drift/look";
import type { Stack } from "../commands/stack/stack";
import { compared } from "../commands/status/compared";
import { OperatorError } from "../terminal/steps";
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

/**
 * @param docker Answers as the docker CLI, by `$*`.
 * @param refresh What `pulumi refresh` does.
 */
function stub(docker: string, more: object[] = [], refresh = ""): void {
  const state = {
    version: 3,
    deployment: {
      resources: [
        { urn: "x::rocketchat-prod", type: "pulumi:pulumi:Stack" },
        { urn: "x::engine", type: "pulumi:providers:docker", inputs: { host: settings.engine } },
        {
          urn: "x::helper-image",
          type: "docker:index/remoteImage:RemoteImage",
          inputs: { name: "busybox:1" },
        },
        ...more,
      ],
    },
  };
  writeFileSync(join(bin, "state.json"), JSON.stringify(state));
  const config = Object.entries(stackConfig("prod")).map(([key, value]) => [
    `rocketchat:${key}`,
    { value, secret: false },
  ]);
  writeFileSync(join(bin, "config.json"), JSON.stringify(Object.fromEntries(config)));
  const answers = `config) cat ${bin}/config.json ;; refresh) ${refresh || "true"} ;; *) cat ${bin}/state.json ;;`;
  const pulumi = `#!/bin/sh\necho "pulumi $*" >> ${calls}\ncase $1 in ${answers} esac\n`;
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

const stopped = {
  Id: "c1",
  Name: "/chat",
  State: { Status: "exited", StartedAt: "2026-01-01T00:00:00Z" },
  HostConfig: { RestartPolicy: { Name: "always" } },
  NetworkSettings: { Networks: {} },
};
const chat = {
  urn: "x::chat",
  type: "docker:index/container:Container",
  id: "c1",
  inputs: { name: "chat", restart: "always" },
};
const found = (seen: object) =>
  `case $* in "ps --all --quiet"*) echo c1 ;; "container inspect"*) echo '${JSON.stringify([seen])}' ;; esac`;

describe("what is set back before a deployment", () => {
  const done = () => readFileSync(calls, "utf8").split("\n");

  it("is set back while the stack's lock can be had, as another look finds it then", async () => {
    stub(found(stopped), [chat]);
    expect(await setBack(stack, settings, yes)).toEqual({ goOn: true, found: true });
    const [refreshed, started] = [
      done().findIndex((call) => /^pulumi refresh .*--target x::rocketchat-prod$/.test(call)),
      done().indexOf("start chat"),
    ];
    expect(refreshed).toBeGreaterThan(0);
    expect(started).toBeGreaterThan(refreshed);
    expect(said.join("")).toContain("set back: container chat");
  });

  it("is left alone while another deployment is at work, wherever the backend keeps its lock", async () => {
    const locked = 'echo "error: [409] Conflict: Another update is currently in progress." >&2; exit 255';
    stub(found(stopped), [chat], locked);
    await expect(setBack(stack, settings, yes)).rejects.toThrow(
      /Another update is currently in progress\.\nstack prod: must be free before anything is set back/,
    );
    expect(done()).not.toContain("start chat");
  });

  it("is left alone where Pulumi cannot read the stack, which says why", async () => {
    stub(
      found(stopped),
      [chat],
      'echo "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE" >&2; exit 255',
    );
    await expect(setBack(stack, settings, yes)).rejects.toThrow(
      /^error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE\nstack prod: .*nothing was changed; mend what it says, then run/,
    );
    expect(done()).not.toContain("start chat");
  });

  it("is left alone where a deployment has put it right meanwhile", async () => {
    const running = { ...stopped, State: { ...stopped.State, Status: "running" } };
    const right = join(bin, "right");
    stub(`if [ -e ${right} ]; then ${found(running)}; else ${found(stopped)}; fi`, [chat], `: > ${right}`);
    expect(await setBack(stack, settings, yes)).toEqual({ goOn: true, found: true });
    expect(done()).not.toContain("start chat");
  });
});

describe("ci:deploy", () => {
  const deploy = (): { status: number | null; summary: string } => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
      dependencies: Record<string, string>;
    };
    for (const name of ["docker", "command", "random"])
      mkdirSync(join(bin, "plugins", `resource-${name}-v${dependencies[`@pulumi/${name}`]}`), {
        recursive: true,
      });
    const summary = join(bin, "summary");
    writeFileSync(summary, "");
    const env = { ...process.env, ...stack.env, PULUMI_HOME: bin, GITHUB_STEP_SUMMARY: summary };
    const args = ["--require", "tsx/cjs", "commands/ci-deploy.ts", "--stack", "prod"];
    const { status } = spawnSync(process.execPath, args, { env });
    return { status, summary: readFileSync(summary, "utf8") };
  };

  it("tells its readers also what kept it from beginning", () => {
    stub(found(stopped), [chat], 'echo "error: locked by 1 lock(s)" >&2; exit 255');
    const { status, summary } = deploy();
    expect(status).toBe(1);
    expect(summary).toMatch(
      /^### Deployment of `prod`\n\n\*\*Failed\.\*\* Nothing was deployed: error: locked by 1/,
    );
  });

  it("tells its readers also that what it left could not be compared", () => {
    stub(`case $* in "image inspect"*) ;; run*) ${refuses} ;; esac`);
    const { status, summary } = deploy();
    expect(status).toBe(1);
    expect(summary).toMatch(
      /\*\*Failed\.\*\* The deployment went through, yet the service is not as it should be: .*could not be compared.*shim/,
    );
  });
});

it("asks the engine which limits it keeps", async () => {
  stub('case $* in info*) echo "true false true false" ;; esac');
  const expected = {
    record: "x::rocketchat-prod",
    engine: settings.engine,
    helperImage: "busybox:1",
    containers: [],
    networks: [],
    files: [],
  };
  const { limits } = await lookFor(expected, "prod", [], { fetchesImage: false });
  expect(limits).toEqual({ memory: true, swap: false, pids: true, cpuShares: false });
});

it("a look before a deployment fetches the image that it looks through, where it is gone", async () => {
  stub('case $* in "image inspect"*) echo "Error: No such image: busybox:1" >&2; exit 1 ;; esac');
  expect(await setBack(stack, settings, yes)).toEqual({ goOn: true, found: false });
  expect(readFileSync(calls, "utf8").split("\n")).toContain("pull --quiet busybox:1");
});
