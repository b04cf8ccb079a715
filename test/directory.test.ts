import { spawnSync } from "node:child_process";
import { chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = join(__dirname, "..", "scripts", "host", "directory.sh");
let root: string;
const at = (name: string) => join(root, name);
const ownerOf = (name: string) => lstatSync(at(name)).uid;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rocketchat-directory-"));
  mkdirSync(at("uploads/a"), { recursive: true });
  writeFileSync(at("uploads/a/one"), "");
  writeFileSync(at("uploads/two"), "");
  writeFileSync(at("outside"), "");
  symlinkSync("../outside", at("uploads/link"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** @param chown What the program does, a piece of shell; `real` is the one of the system. */
function run(chown = 'exec "$real" "$@"') {
  mkdirSync(at("bin"), { recursive: true });
  writeFileSync(at("bin/chown"), `#!/bin/sh\nreal=$(PATH=/usr/bin:/bin command -v chown)\n${chown}\n`, {
    mode: 0o755,
  });
  const { status, stderr } = spawnSync("sh", ["-eu", script], {
    encoding: "utf8",
    env: {
      PATH: `${at("bin")}${delimiter}${process.env["PATH"]}`,
      DIRECTORY: at("uploads"),
      OWNER: "65533:65533",
      MODE: "0750",
    },
  });
  return { status, stderr };
}

describe.runIf(process.getuid?.() === 0)("a directory of a deployment", () => {
  it("gets its owner with all that is in it, links as they are", () => {
    expect(run()).toEqual({ status: 0, stderr: "" });
    expect(["uploads", "uploads/a", "uploads/a/one", "uploads/two", "uploads/link"].map(ownerOf)).toEqual(
      Array<number>(5).fill(65533),
    );
    expect(ownerOf("outside")).toBe(0);
  });

  it("goes on where a file was removed meanwhile", () => {
    expect(run(`rm -f '${at("uploads/two")}'; exec "$real" "$@"`)).toEqual({ status: 0, stderr: "" });
    expect(["uploads", "uploads/a/one"].map(ownerOf)).toEqual([65533, 65533]);
  });

  it("says what keeps it from that, and a repeat goes on", () => {
    const held = `case "$*" in *two*) echo "chown: ./two: Operation not permitted" >&2; exit 1 ;; esac; exec "$real" "$@"`;
    expect(run(held)).toEqual({
      status: 1,
      stderr: `${at("uploads")}: must belong to 65533:65533 with all that is in it (got chown: ./two: Operation not permitted); see what keeps root from that, then run the command again\n`,
    });
    expect(ownerOf("uploads")).toBe(0);
    expect(run().status).toBe(0);
    expect(ownerOf("uploads/two")).toBe(65533);
  });

  it("is not searched where it has its owner", () => {
    chownSync(at("uploads"), 65533, 65533);
    expect(run().status).toBe(0);
    expect(ownerOf("uploads/two")).toBe(0);
  });
});
