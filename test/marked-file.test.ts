import { execFileSync, spawnSync } from "node:child_process";
import {
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const MARK = "# of second-rocketchat";

let directory: string;
let FILE: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "rocketchat-marked-"));
  FILE = join(directory, "route.yml");
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs a script as the engine's host does. Nothing here may wait. */
function run(script: string, input = "") {
  const text = readFileSync(join(__dirname, "..", "scripts/host", script), "utf8");
  const env = { ...process.env, FILE, MARK, MODE: "0644" };
  const done = spawnSync("sh", ["-euc", text], { env, input, encoding: "utf8", timeout: 4_000 });
  expect(done.signal).toBe(null);
  return { status: done.status, said: done.stdout + done.stderr };
}

/** What another uid may have put in the file's place. */
const inItsPlace: [string, () => void][] = [
  ["a named pipe", () => execFileSync("mkfifo", [FILE])],
  [
    "a link to a file with the mark",
    () => {
      writeFileSync(join(directory, "elsewhere"), `${MARK}\nold\n`);
      symlinkSync("elsewhere", FILE);
    },
  ],
  ["a link to nothing", () => symlinkSync("nowhere", FILE)],
  ["a file without the mark", () => writeFileSync(FILE, "http: {}\n")],
];

describe("a route in a directory that others write to", () => {
  it("is renamed into place: what Traefik has open stays whole", () => {
    writeFileSync(FILE, `${MARK}\nold\n`);
    linkSync(FILE, join(directory, "open"));
    expect(run("write-file.sh", `${MARK}\nnew\n`).status).toBe(0);
    expect(readFileSync(join(directory, "open"), "utf8")).toBe(`${MARK}\nold\n`);
    expect(readFileSync(FILE, "utf8")).toBe(`${MARK}\nnew\n`);
    expect(readdirSync(directory).sort()).toEqual(["open", "route.yml"]);
  });

  it.each(inItsPlace)("takes no place of %s", (_what, put) => {
    put();
    const before = readdirSync(directory).sort();
    const { status, said } = run("write-file.sh", `${MARK}\nnew\n`);
    expect(status).toBe(1);
    expect(said).toMatch(/must be this workspace's own or not there/);
    expect(run("remove-file.sh").status).toBe(0);
    expect(readdirSync(directory).sort()).toEqual(before);
    expect(run("mark-of.sh").said).not.toContain(MARK);
    expect(run("mark-of.sh").said).not.toBe("");
  });

  it("is taken away where it bears the mark, and known by it", () => {
    expect(run("mark-of.sh")).toEqual({ status: 0, said: "" });
    writeFileSync(FILE, `${MARK}\nold\n`);
    expect(run("mark-of.sh")).toEqual({ status: 0, said: `${MARK}\n` });
    expect(run("remove-file.sh").status).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });
});
