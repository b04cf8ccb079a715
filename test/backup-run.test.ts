import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

// The scripts of the backup's container, with its directories below one of the test's own.
let root: string;
const at = (name: string) => join(root, name);
const scripts = () => at("scripts");

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "rocketchat-run-")));
  for (const name of ["scripts", "bin", "backup", "uploads", "parts/home/secrets", "repository"])
    mkdirSync(at(name), { recursive: true });
  for (const name of readdirSync("scripts/backup")) {
    const text = readFileSync(join("scripts/backup", name), "utf8");
    const moved = text.replace(/(?<![\w.}])\/(backup|uploads|parts|repository|run\/backup)\b/g, `${root}/$1`);
    writeFileSync(join(scripts(), name), name.endsWith(".sh") ? moved : text);
  }
});
afterEach(() => rmSync(root, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(at(`bin/${name}`), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
}

function bash(script: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["--norc", ...args, ...(args.length > 0 ? [] : ["-euc", script])],
    {
      encoding: "utf8",
      timeout: 20_000,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: `${at("bin")}:${process.env["PATH"]}`,
        HOSTNAME: "backup",
        STACK: "prod",
        PREFIX: "",
        REPOSITORY: "/repository",
        UPLOADS: "",
        DATABASE: "rocketchat",
        SITE: "chat",
      },
    },
  );
  return { status, stdout, stderr };
}

const known = (name: string) => {
  const file = at(`backup/status.d/${name}`);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
};

describe("a backup that fails before it has begun", () => {
  it.each([
    ["where what a killed one left cannot be removed", "repository", /^find: .*No such file or directory$/],
    ["where the uploads are gone", "uploads", /uploads: must be a directory, and no link/],
  ])("says why, and when, %s", (_where, gone, reason) => {
    rmSync(at(gone), { recursive: true });
    const { status, stderr } = bash("", join(scripts(), "run.sh"), "a test");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^backup: failed; /m);
    expect(known("lastFailure")).toMatch(reason);
    expect(Date.parse(known("lastAttemptAt")!)).toBeGreaterThan(Date.now() - 60_000);
    expect(Date.parse(known("lastFailureAt")!)).toBeGreaterThan(Date.now() - 60_000);
  });
});

describe("the schedule's next try", () => {
  const isDue = (facts: { attempt?: number; tried?: number }) => {
    const now = Date.parse("2026-03-10T04:00:00Z") / 1000;
    const ago = (seconds?: number) => (seconds === undefined ? 0 : now - seconds);
    const script = `
      export TZ=UTC TIME=00:00 JITTER=0
      . ${scripts()}/due.sh
      value() { if [[ $1 == lastAttemptAt ]]; then echo ${ago(facts.attempt)}; else echo 0; fi; }
      at() { echo ${now - 7200}; }
      started=${now - 86400} tried=${ago(facts.tried)}
      due ${now}`;
    return bash(script).status === 0;
  };

  it("waits for an hour, also where nothing could be written down", () => {
    expect(isDue({})).toBe(true);
    expect(isDue({ attempt: 3590 })).toBe(false);
    expect(isDue({ attempt: 3600 })).toBe(true);
    expect(isDue({ tried: 3590 })).toBe(false);
    expect(isDue({ tried: 3600 })).toBe(true);
    // A clock that was ahead.
    expect(isDue({ tried: -500 })).toBe(true);
  });
});

it.each([
  ["lastAttemptAt", 0, true],
  ["lastFailureAt", 5, true],
  ["lastSuccessAt", -1, false],
])("a run has written down that it was there where %s is %i s after its begin: %s", (name, later, noted) => {
  const begun = Math.floor(Date.now() / 1000) - 60;
  const script = `
    . ${scripts()}/due.sh
    value() { if [[ $1 == ${name} ]]; then echo ${begun + later}; else echo 0; fi; }
    is_noted ${begun}`;
  expect(bash(script).status === 0).toBe(noted);
});

it("the end of a backup is the end of what links its uploads", () => {
  program("mongosh", `echo $$ > '${at("mongosh")}'; echo ready; exec sleep 60`);
  const { status, stdout } = bash(`
    cd '${root}'
    . '${scripts()}/common.sh'
    . '${scripts()}/stage.sh'
    PATH='${at("bin")}':$PATH uploads='${at("uploads")}'
    watch_uploads
    { kill -KILL $(jobs -p); wait $linking; } 2>/dev/null || true
    if kill -0 "$(cat mongosh)" 2>/dev/null; then kill "$(cat mongosh)"; echo goes on; else echo ended; fi`);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "ended\n" });
});
