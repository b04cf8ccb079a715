import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Command, given, stackArguments } from "../commands/stack/arguments";
import { changesBetween } from "../commands/stack/local-settings";
import { capture } from "../terminal/steps";
import { commandHere } from "../settings/command";

describe("the arguments of a command", () => {
  it("may name a stack in three ways, and are else as they came", () => {
    for (const args of [["--stack", "prod"], ["--stack=prod"], ["-s", "prod"]])
      expect(stackArguments(["--refresh", ...args])).toEqual({ stack: "prod", rest: ["--refresh"] });
    expect(stackArguments([])).toEqual({ stack: "local", rest: [] });
    expect(() => stackArguments(["--stack"])).toThrow(
      "--stack: is followed by a stack's name (got nothing); add it",
    );
  });

  it("name the stack in what is advised from then on", () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("PULUMI_STACK", undefined);
    expect(commandHere("status")).toBe("npm run status");
    stackArguments(["--stack", "prod"]);
    expect(commandHere("status")).toBe("npm run status -- --stack prod");
    stackArguments([]);
    expect(commandHere("status")).toBe("npm run status");
  });

  it("are refused where a command takes a stack alone, which stands for no other one", () => {
    expect(given("status", ["--stack", "prod"]).stack).toBe("prod");
    expect(() => given("status", ["prod"])).toThrow(
      "npm run status: takes --stack NAME and nothing else (got prod); leave it out, or write --stack before a stack's name",
    );
    expect(() => given("bench", ["status", "prod"])).toThrow(
      /^npm run bench: takes --rounds and WHAT \(got status prod\); leave it out$/,
    );
  });
});

describe("what a command declares", () => {
  it("is read as it was given, in either way to write a value", () => {
    expect(given("restore", ["--only", "data", "--stack=prod", "latest", "--yes"])).toMatchObject({
      stack: "prod",
      options: { only: "data", yes: true, all: false, "password-file": undefined },
      words: ["latest"],
      rest: [],
    });
    expect(given("adopt", ["--accept", "a:b", "--accept=c:d"]).options.accept).toEqual(["a:b", "c:d"]);
  });

  it("leaves the rest to whom it is handed on, in its order", () => {
    expect(given("up", ["--yes-dns", "--refresh", "--target", "x", "-y", "--yes"])).toMatchObject({
      options: { "yes-dns": true, refresh: true, yes: true },
      rest: ["--refresh", "--target", "x", "-y", "--yes"],
    });
    expect(given("pulumi", ["-s", "prod", "config", "set", "--secret", "--", "key", "-v"])).toMatchObject({
      stack: "prod",
      rest: ["config", "set", "--secret", "--", "key", "-v"],
    });
    expect(given("plan", ["prod", "--json"]).rest).toEqual(["prod", "--json"]);
  });

  it.each<[Command, string[], string]>([
    [
      "restore",
      ["--al"],
      "npm run restore: must get options that it knows (got --al); did you mean --all? npm run restore -- --help says what it takes",
    ],
    ["backup-status", ["--accept-gon"], "(got --accept-gon); did you mean --accept-gone?"],
    ["status", ["--stak", "prod"], "(got --stak); did you mean --stack?"],
    ["recover", ["--force"], "npm run recover: must get options that it knows (got --force); leave it out"],
    ["check", ["-x"], "npm run check: must get options that it knows (got -x); leave it out"],
    // Pulumi would not know it, after this command had begun.
    ["down", ["--delete-date"], "(got --delete-date); did you mean --delete-data?"],
    ["up", ["--yes-dn"], "(got --yes-dn); did you mean --yes-dns?"],
    [
      "restore",
      ["--only"],
      "--only: is followed by PART (got nothing); npm run restore -- --help says what it takes",
    ],
    ["restore", ["--only", "--yes"], "--only: is followed by PART (got --yes)"],
    ["restore", ["--all=yes"], "--all: takes no value (got yes); write --all alone"],
    ["restore", ["latest", "newest"], "(got latest newest); leave it out"],
    ["backup", ["prod"], "npm run backup: takes --stack NAME and --take-over (got prod); leave it out"],
  ])("of %s refuses %j", (command, args, said) => {
    expect(() => given(command, args)).toThrow(said);
  });
});

describe("what a command says", () => {
  it("is read as whole characters, however its pipe cuts them", async () => {
    const halves =
      "printf '\\303'; sleep 0.05; printf '\\244'; printf '\\342\\206' >&2; sleep 0.05; printf '\\222' >&2";
    expect(await capture({ command: "sh", args: ["-c", halves] })).toEqual({
      status: 0,
      stdout: "ä",
      stderr: "→",
    });
  });

  it("is waited for as long as its limit", async () => {
    const begun = Date.now();
    expect(await capture({ command: "sleep", args: ["20"], limitMs: 100 })).toMatchObject({ status: 1 });
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  it("counts also where it ends without reading what it is given", async () => {
    const input = "x".repeat(1 << 20);
    expect(await capture({ command: "sh", args: ["-c", "exit 3"], input })).toMatchObject({ status: 3 });
  });
});

describe("commands/run.mjs", () => {
  const root = mkdtempSync(join(tmpdir(), "rocketchat-run-"));
  const run = join(root, "commands/run.mjs");
  const begun = join(root, "begun");
  beforeAll(() => {
    for (const room of ["commands", "scripts"]) mkdirSync(join(root, room));
    cpSync(join(__dirname, "..", "commands/run.mjs"), run);
    for (const name of ["commands/help.mjs", "commands/declared.json", "scripts/environment"])
      cpSync(join(__dirname, "..", name), join(root, name), { recursive: true });
    // Its packages are there, as far as it can see.
    const [modules, lock] = [join(root, "node_modules"), "{}"];
    mkdirSync(modules);
    symlinkSync(join(__dirname, "..", "node_modules/tsx"), join(modules, "tsx"));
    writeFileSync(join(root, "package-lock.json"), lock);
    writeFileSync(join(modules, ".rocketchat-lock"), createHash("sha256").update(lock).digest("hex"));
    asksForNode("18.0");
    // Ends by itself a while after it was told to, as Pulumi does.
    writeFileSync(
      join(root, "commands/slow.ts"),
      `process.on("SIGINT", () => setTimeout(() => process.exit(7), 100));
       setInterval(() => undefined, 1000);
       require("node:fs").writeFileSync(${JSON.stringify(begun)}, "");`,
    );
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it("keeps the terminal on Ctrl-C until its command has ended", async () => {
    const child = spawn(process.execPath, [run, "slow"], { detached: true, stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("exit", (...how) => resolve(how)));
    while (!existsSync(begun)) await new Promise((resolve) => setTimeout(resolve, 10));
    process.kill(-child.pid!, "SIGINT");
    expect(await ended).toEqual([7, null]);
  });

  function asksForNode(version: string): void {
    writeFileSync(join(root, "package.json"), JSON.stringify({ engines: { node: `>=${version}` } }));
  }

  /** As if npm had put a Node there, which is a script. */
  function bringNode(script: string): string {
    const [home, lock] = [join(root, "machine/node"), '{"a":"lockfile"}'];
    const directory = join(home, "node_modules", `node-${process.platform}-${process.arch}`, "bin");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(home, "package-lock.json"), lock);
    writeFileSync(
      join(home, "node_modules/.rocketchat-lock"),
      createHash("sha256").update(lock).digest("hex"),
    );
    writeFileSync(join(directory, "node"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return directory;
  }

  it("runs all on the Node of machine/node where this one is older than package.json asks for", () => {
    asksForNode("999.1");
    const directory = bringNode('echo "$PATH" "$@"');
    const { status, stdout } = spawnSync(process.execPath, [run, "slow", "-x"], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout.startsWith(`${join(root, "scripts/ssh")}:${directory}:${process.env["PATH"]} `)).toBe(true);
    expect(stdout.trim().endsWith(` --require tsx/cjs ${join(root, "commands/slow.ts")} -x`)).toBe(true);
  });

  it("takes no installation for whole in which npm has left out what this machine needs", () => {
    asksForNode("999.1");
    bringNode("exit 0");
    const home = join(root, "machine/node");
    rmSync(join(home, "node_modules"), { recursive: true });
    const needed = `node-${process.platform}-${process.arch}`;
    const mine = { os: [process.platform], cpu: [process.arch], optional: true };
    const packages = { [`node_modules/${needed}`]: mine, "node_modules/other": { ...mine, os: ["none"] } };
    writeFileSync(join(home, "package-lock.json"), JSON.stringify({ packages }));
    const bin = join(root, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "npm"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
    // What failed once is tried again.
    for (let time = 1; time <= 2; time++) {
      const { status, stderr } = spawnSync(process.execPath, [run, "slow"], { encoding: "utf8", env });
      expect(status).toBe(1);
      expect(stderr).toContain(`npm ci: must install what this machine needs (left out ${needed}), `);
    }
  });

  it("says what to install where that one does not run", () => {
    asksForNode("999.1");
    bringNode("exit 127");
    const { status, stderr } = spawnSync(process.execPath, [run, "slow"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([
      1,
      `Node: must be 999.1 or later (got ${process.versions.node}), and the one that npm has does not run on this machine (${process.platform}, ${process.arch}); install Node 24, from nodejs.org or your distribution\n`,
    ]);
  });

  it("refuses an option that npm has kept for itself", () => {
    const env = { ...process.env, npm_config_stack: "prod", npm_lifecycle_event: "down" };
    const refused = spawnSync(process.execPath, [run, "slow"], { env, encoding: "utf8" });
    expect([refused.status, refused.stderr]).toEqual([
      1,
      "npm run: must have -- before the options of a command (got --stack=prod without it); put it there: npm run down -- --stack=prod\n",
    ]);
  });
});

it("what pulumi config has changed is found as deep as it can be, a secret as a whole", () => {
  const before = { a: 1, group: { kept: [1], changed: "old", gone: true }, secret: { secure: "x" } };
  const after = { a: 1, group: { kept: [1], changed: "new", more: { deep: 1 } }, secret: { secure: "y" } };
  expect(changesBetween(before, after)).toEqual([
    [["group", "changed"], "new"],
    [["group", "gone"], undefined],
    [["group", "more"], { deep: 1 }],
    [["secret"], { secure: "y" }],
  ]);
  expect(changesBetween(before, before)).toEqual([]);
});

it("an option that npm kept for itself is refused, whichever command declares it", () => {
  for (const [command, option] of [
    ["backup-check", "read-data-subset"],
    ["restore", "password-file"],
    ["restore", "no-safety-backup"],
    ["adopt", "undo"],
    ["down", "delete-data"],
    ["status", "stack"],
  ]) {
    const env = { ...process.env, [`npm_config_${option!.replaceAll("-", "_")}`]: "1/7" };
    const { status, stderr } = spawnSync(process.execPath, ["commands/run.mjs", command!], {
      encoding: "utf8",
      env,
    });
    expect(status).toBe(1);
    expect(stderr).toContain(`must have -- before the options of a command (got --${option}=1/7 without it)`);
  }
});
