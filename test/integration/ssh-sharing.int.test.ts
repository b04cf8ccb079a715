import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "./site";

// scripts/ssh/ssh with a stand-in for the real ssh, which writes down how it is called.
const directory = mkdtempSync(join(tmpdir(), "ssh-sharing-"));
const bin = join(directory, "bin");
const dial = ["-T", "-l", "deploy", "--", "chat.example.org", "docker", "system", "dial-stdio"];
let run = 0;

const realSsh = `#!/bin/sh
case " $* " in
  *" -G "*) printf 'user deploy\\nhostname chat.example.org\\nport 22\\n' ;;
  *" -O check "*) socket=\${2#ControlPath=}; [ -e "$(echo "$socket" | tr % _)" ] ;;
  *" -N -f "*)
    echo login >> "$CALLS"
    if [ -n "\${FAILS:-}" ]; then echo "$FAILS" >&2; exit 255; fi
    for word in "$@"; do case $word in ControlPath=*) socket=\${word#ControlPath=} ;; esac; done
    : > "$(echo "$socket" | tr % _)" ;;
  *" dial-stdio "*) echo session >> "$CALLS"; while [ -n "\${UNTIL:-}" ] && [ ! -e "$UNTIL" ]; do sleep 0.1; done ;;
  *) echo "plain $*" ;;
esac
`;

beforeAll(() => {
  mkdirSync(bin);
  writeFileSync(join(bin, "ssh"), realSsh);
  chmodSync(join(bin, "ssh"), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A directory for shared connections, and what was called. */
function fresh() {
  const state = join(directory, String(++run));
  const calls = `${state}.calls`;
  writeFileSync(calls, "");
  return {
    state,
    calls,
    count: (word: string) =>
      readFileSync(calls, "utf8")
        .split("\n")
        .filter((line) => line === word).length,
  };
}

function ssh(
  of: { state: string; calls: string },
  args: string[],
  env: NodeJS.ProcessEnv = {},
  path = defaultPath(),
) {
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    const all = {
      ...process.env,
      PATH: path,
      CALLS: of.calls,
      ROCKETCHAT_SSH_DIRECTORY: of.state,
      // The stand-in's own, which would be kept from ssh as everything that it does not know.
      ROCKETCHAT_CLIENT_VARIABLES: "CALLS FAILS UNTIL",
      ...env,
    };
    const child = spawn("scripts/ssh/ssh", args, { env: all });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

const defaultPath = () => `${process.cwd()}/scripts/ssh:${bin}:${process.env["PATH"]}`;

/** The tools of the system but flock, as macOS has them. */
function pathWithoutFlock(): string {
  const tools = join(directory, "tools");
  if (!existsSync(tools)) {
    mkdirSync(tools);
    for (const tool of [
      "sh",
      "env",
      "sed",
      "ls",
      "awk",
      "id",
      "mkdir",
      "rmdir",
      "rm",
      "ln",
      "readlink",
      "sleep",
      "cat",
      "date",
      "grep",
      "head",
      "tail",
      "tr",
      "cksum",
      "dirname",
    ])
      symlinkSync(
        execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(),
        join(tools, tool),
      );
  }
  return `${bin}:${tools}`;
}

describe.each([
  ["with flock", defaultPath],
  ["without flock", pathWithoutFlock],
])("ssh to an engine, %s", (_how, path) => {
  it("logs in once for eight sessions, one after the other", async () => {
    const of = fresh();
    const end = `${of.state}.end`;
    const all = Array.from({ length: 10 }, () => ssh(of, dial, { UNTIL: end }, path()));
    await until("all have begun", () => Promise.resolve(expect(of.count("session")).toBe(10)));
    writeFileSync(end, "");
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(10).fill(0));
    expect([of.count("login"), of.count("session")]).toEqual([2, 10]);

    await ssh(of, dial, {}, path());
    expect(of.count("login")).toBe(2);
  });

  it("says why a login failed, and does not try it again for those who waited", async () => {
    const of = fresh();
    const all = Array.from({ length: 4 }, () =>
      ssh(of, dial, { FAILS: "Host key verification failed." }, path()),
    );
    for (const { status, stderr } of await Promise.all(all))
      expect([status, stderr]).toEqual([255, "Host key verification failed.\n"]);
    expect(of.count("login")).toBe(1);
  });
});

it("is not held up by one who was killed while the lock was his", async () => {
  const of = fresh();
  mkdirSync(of.state, { mode: 0o700 });
  symlinkSync("999999999", join(of.state, "lock.pid"));
  expect((await ssh(of, dial, {}, pathWithoutFlock())).status).toBe(0);
  expect(readdirSync(of.state)).not.toContain("lock.pid");
});

it("leaves every other use of ssh to the real one, and finds it behind copies of itself", async () => {
  const of = fresh();
  const copy = join(directory, "copy");
  mkdirSync(copy);
  writeFileSync(join(copy, "ssh"), readFileSync("scripts/ssh/ssh"));
  chmodSync(join(copy, "ssh"), 0o755);
  const path = `${process.cwd()}/scripts/ssh:${copy}:${bin}:${process.env["PATH"]}`;
  expect((await ssh(of, ["git@example.org", "git-upload-pack"], {}, path)).stdout).toBe(
    "plain git@example.org git-upload-pack\n",
  );
  expect(existsSync(of.state)).toBe(false);
});

it("shares nothing in a directory that others may write", async () => {
  const of = fresh();
  mkdirSync(of.state);
  chmodSync(of.state, 0o777);
  expect((await ssh(of, dial)).status).toBe(0);
  expect([of.count("login"), of.count("session")]).toEqual([0, 1]);
});

it("says that there is no ssh", async () => {
  const of = fresh();
  const path = pathWithoutFlock().replace(`${bin}:`, "");
  expect(await ssh(of, dial, {}, path)).toMatchObject({
    status: 127,
    stderr: "ssh: not found on the PATH of this machine\n",
  });
});
