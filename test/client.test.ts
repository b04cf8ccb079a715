import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "../engine/client";
import { Docker, DockerFailed } from "../engine/docker";
import { Host } from "../engine/host";
import { execCall, helperCall } from "../engine/script-call";

const engine = "unix:///nowhere.sock";
let bin: string;

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "rocketchat-client-"));
  mkdirSync(join(bin, "empty"));
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env["PATH"]}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(bin, { recursive: true });
});

/** A docker CLI that does what a piece of shell says. */
function docker(text: string): void {
  writeFileSync(join(bin, "docker"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

const faultOf = (run: Promise<string>) => run.then(String, (error: unknown) => error as DockerFailed);

describe("the client of an engine", () => {
  it("says what docker said, its status and what came on standard input", async () => {
    docker(`cat; echo "$*" >&2; exit 3`);
    expect(await new Client(engine).try(["ps", "--all"], { input: "a secret" })).toEqual({
      status: 3,
      stdout: "a secret",
      stderr: "ps --all\n",
    });
  });

  it("ends what is not done in time, and waits for nothing that it started", async () => {
    docker("sleep 20 & wait");
    const started = Date.now();
    const { status, without } = await new Client(engine).try(["ps"], { limitMs: 200 });
    expect(status).not.toBe(0);
    expect(without).toBe("late");
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it("takes one that ends well when it is told to end for one that failed", async () => {
    docker("trap 'exit 0' TERM; sleep 20 & wait");
    const { status } = await new Client(engine).try(["ps"], { limitMs: 200 });
    expect(status).not.toBe(0);
  });

  it("gives whole characters, however they come", async () => {
    docker(
      String.raw`printf '\303'; sleep 0.2; printf '\244'; printf '\342\202' >&2; sleep 0.2; printf '\254' >&2`,
    );
    expect(await new Client(engine).try(["ps"])).toEqual({ status: 0, stdout: "ä", stderr: "€" });
  });

  it("reaches the engine over ssh by this project's ssh, and waits as long as whoever asks", async () => {
    docker('echo "$DOCKER_HOST ${PATH%%:*} ${ROCKETCHAT_SSH_TIMEOUT-none}"');
    const ssh = join(__dirname, "..", "scripts", "ssh");
    expect((await new Client("ssh://a@b").try([])).stdout).toBe(`ssh://a@b ${ssh} none\n`);
    expect((await new Host("ssh://a@b", "busybox", process.env).try([])).stdout).toBe(
      `ssh://a@b ${ssh} none\n`,
    );
    expect(await new Docker("ssh://a@b", Date.now() + 9000).run()).toBe(`ssh://a@b ${ssh} 6`);
    vi.stubEnv("DOCKER_HOST", "tcp://mine");
    expect((await new Client().try([])).stdout).toBe(`tcp://mine ${ssh} none\n`);
  });

  it("keeps a command open until its standard input ends", async () => {
    docker('while read -r line; do echo "got $line"; done');
    const child = new Client(engine).open(["exec"]);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stdin.write("one\n");
    child.stdin.end("two\n");
    await new Promise((resolve) => child.on("close", resolve));
    expect(said).toBe("got one\ngot two\n");
  });
});

describe("what is asked until a moment", () => {
  it("fails with docker's reason, before its advice", async () => {
    docker(`echo "no such image" >&2; echo >&2; echo "Run 'docker run --help' for more" >&2; exit 125`);
    const fault = await faultOf(new Docker(engine, Date.now() + 9000).run("run"));
    expect(fault).toBeInstanceOf(DockerFailed);
    expect(fault).toMatchObject({ reason: "no such image", missing: false });
  });

  it("fails without a word where it was not done in time", async () => {
    docker("echo half >&2; sleep 20");
    const fault = await faultOf(new Docker(engine, Date.now() + 300).run("run"));
    expect(fault).toMatchObject({ said: "", reason: "no answer in time", missing: false });
  });

  it("fails where there is no docker CLI", async () => {
    vi.stubEnv("PATH", join(bin, "empty"));
    const fault = await faultOf(new Docker(engine, Date.now() + 9000).run("version"));
    expect(fault).toMatchObject({ reason: "there is no docker CLI on this machine", missing: true });
  });
});

describe("the call of a script", () => {
  const place = { image: "busybox", mount: "/opt/x" };

  it.each([
    [helperCall("a.sh", place, {}), { PASS: "" }],
    [helperCall("a.sh", place, { FILE: "f", MODE: "m" }), { FILE: "f", MODE: "m", PASS: "FILE MODE" }],
    [
      helperCall("a.sh", place, { FILE: "f" }, { owner: { uid: 7 } }),
      { FILE: "f", OWNER: "7:7", PASS: "FILE OWNER" },
    ],
    [
      helperCall("a.sh", place, {}, { owner: { image: "i", user: "u" }, mountExists: true }),
      { PASS: "", OWNER_IMAGE: "i", OWNER_USER: "u", MOUNT_EXISTS: "yes" },
    ],
  ])("of the host names what the script gets, and where it runs: %j", ({ args, variables }, own) => {
    expect(args).toEqual(["scripts/host/helper.sh", "a.sh"]);
    expect(variables).toEqual({ ...own, HELPER_IMAGE: "busybox", MOUNT: "/opt/x" });
  });

  it.each([
    [{ container: "c" }, { CONTAINER: "c" }],
    [
      { image: "i", network: "n" },
      { IMAGE: "i", NETWORK: "n" },
    ],
  ])("of a container names what the script gets, and where it runs: %j", (where, own) => {
    const { args, variables } = execCall("mongosh", "a.js", where, { A: "1", B: "2" });
    expect(args).toEqual(["scripts/host/exec-script.sh", "mongosh", "a.js"]);
    expect(variables).toEqual({ ...own, A: "1", B: "2", PASS: "A B" });
  });
});
