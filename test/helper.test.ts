import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = join(__dirname, "..");
const bin = mkdtempSync(join(tmpdir(), "rocketchat-helper-"));
afterAll(() => rmSync(bin, { recursive: true }));

/** What `helper.sh` says when the docker client does what `client`, a piece of shell, says. */
function helper(client: string, environment: Record<string, string> = { PASS: "" }, shell = "sh") {
  writeFileSync(join(bin, "docker"), `#!/bin/sh\n${client}\n`, { mode: 0o755 });
  return spawnSync(shell, ["scripts/host/helper.sh", "scripts/host/keep-secret.sh"], {
    cwd: root,
    encoding: "utf8",
    input: "",
    env: {
      PATH: `${bin}${delimiter}${process.env["PATH"]}`,
      HELPER_IMAGE: "busybox",
      MOUNT: "/opt/x",
      ...environment,
    },
  });
}

describe("the answer of a step on the host", () => {
  it("is not shown when the step fails after it printed", () => {
    const { status, stdout, stderr } = helper("echo planted-secret; echo 'no space left' >&2; exit 7");
    expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: "", stderr: "no space left\n" });
  });

  it("is not shown when the client is killed after it printed", () => {
    const { status, stdout } = helper("echo planted-secret; kill -9 $$");
    expect(status).not.toBe(0);
    expect(stdout).toBe("");
  });

  it.each([
    ["none", ""],
    ["one without a newline at its end", "abc%s-."],
    ["one with several", "-n \\\\t a.\n\n.\n\n"],
    ["a long one", `${"0123456789abcdef".repeat(4096)}\n`],
  ])("comes as it was printed: %s", (_what, answer) => {
    writeFileSync(join(bin, "answer"), answer);
    const { status, stdout } = helper(`cat '${join(bin, "answer")}'`);
    expect(status).toBe(0);
    expect(stdout).toBe(answer);
  });
});

describe("a value of several lines", () => {
  // Lines that look like the name of a variable: the end of a key in base64, and names that scripts have of their own.
  const key =
    "-----BEGIN PRIVATE KEY-----\nMIIEvQ/+x\nabcDEF=\nname=\nscript=1\nclient_root=/x\n-----END PRIVATE KEY-----\n";

  it.each(["sh", "bash"])("goes to the script as it is, by %s", (shell) => {
    const environment = { PASS: "KEY", KEY: key, OTHER: key };
    const { status, stdout, stderr } = helper(
      'printf %s "$KEY"; env | grep -c OTHER >&2; true',
      environment,
      shell,
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: key, stderr: "0\n" });
  });
});

it.each(["-u", "-g"])("a step whose owner cannot be asked for does nothing: id %s", (option) => {
  const client = `case "$*" in *"--entrypoint id i ${option}") exit 3 ;; *"--entrypoint id"*) echo 7 ;; *) echo ran ;; esac`;
  const { status, stdout } = helper(client, { PASS: "", OWNER_IMAGE: "i" });
  expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
});
