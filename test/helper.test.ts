import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

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

it("a step whose owner cannot be asked for does nothing", () => {
  const client = `case "$*" in *"--entrypoint id i") exit 3 ;; *) echo ran ;; esac`;
  const { status, stdout } = helper(client, { PASS: "", OWNER_IMAGE: "i" });
  expect(status).not.toBe(0);
  expect(stdout).toBe("");
});

describe("the steps of a deployment that shares a container", () => {
  /** A docker that notes its calls: the container is slow to start, and a step says where it ran. */
  const client = `
echo "$*" | head -n 1 >> "${bin}/calls"
case "$*" in
  *"--detach"*) sleep 0.3; [ ! -e "${bin}/broken" ] || { echo "no room" >&2; exit 125; } ;;
  *"--entrypoint id"*) sleep 0.2; echo "uid=7(x) gid=8(y) groups=8(y)" ;;
  exec*) echo "shared $OWNER" ;;
  run*) echo "alone $OWNER" ;;
esac`;
  const calls = () =>
    readFileSync(join(bin, "calls"), "utf8")
      .split("\n")
      .filter((line) => line !== "");
  const directory = () => {
    const made = mkdtempSync(join(bin, "deployment-"));
    writeFileSync(join(made, "name"), "x-helper-1\n");
    writeFileSync(join(made, "mounts"), "/opt/x\n/opt/x/secrets\n");
    return made;
  };
  const step = (environment: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const child = spawn("sh", ["scripts/host/helper.sh", "scripts/host/keep-secret.sh"], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
        env: {
          PATH: `${bin}${delimiter}${process.env["PATH"]}`,
          HELPER_IMAGE: "busybox",
          PASS: "OWNER",
          OWNER: "none",
          ...environment,
        },
      });
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
      child.on("close", () => resolve(said.trim()));
    });

  beforeEach(() => {
    for (const file of ["calls", "broken"]) rmSync(join(bin, file), { force: true });
    writeFileSync(join(bin, "docker"), `#!/bin/sh\n${client}\n`, { mode: 0o755 });
  });

  it("start it once, with all places of root's, and ask once whose an image's files are", async () => {
    const ROCKETCHAT_HELPER = directory();
    const same = { ROCKETCHAT_HELPER, MOUNT: "/opt/x", OWNER_IMAGE: "i" };
    expect(
      await Promise.all([step(same), step(same), step({ ROCKETCHAT_HELPER, MOUNT: "/opt/x/secrets" })]),
    ).toEqual(["shared 7:8", "shared 7:8", "shared none"]);
    const started = calls().filter((call) => call.includes("--detach"));
    expect(started).toHaveLength(1);
    expect(calls().filter((call) => call.includes("--entrypoint id"))).toHaveLength(1);
    expect(calls().filter((call) => call.startsWith("exec"))).toHaveLength(3);
  });

  it("run alone where another uid may write, or the directory must be there already", async () => {
    const ROCKETCHAT_HELPER = directory();
    expect(await step({ ROCKETCHAT_HELPER, MOUNT: "/opt/x/uploads" })).toBe("alone none");
    expect(await step({ ROCKETCHAT_HELPER, MOUNT: "/opt/x", MOUNT_EXISTS: "yes" })).toBe("alone none");
    expect(calls().filter((call) => call.includes("--detach"))).toEqual([]);
  });

  it("run alone where it does not start", async () => {
    writeFileSync(join(bin, "broken"), "");
    const same = { ROCKETCHAT_HELPER: directory(), MOUNT: "/opt/x" };
    expect(await Promise.all([step(same), step(same)])).toEqual(["alone none", "alone none"]);
  });
});
