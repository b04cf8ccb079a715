import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleOf, filesOf } from "../engine/bundle";

const project = join(__dirname, "..");
let root: string;
const at = (name: string) => join(root, name);

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "rocketchat-tree-")));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("files of another uid, taken over", () => {
  const take = (doing: "link" | "copy", from = at("from")) =>
    spawnSync(process.execPath, [join(project, "scripts/backup/tree.js")], {
      env: { DOING: doing, FROM: from, TO: at("to") },
      encoding: "utf8",
      timeout: 20_000,
    });

  beforeEach(() => {
    for (const name of ["from/deep/er", "to", "secrets"]) mkdirSync(at(name), { recursive: true });
    writeFileSync(at("secrets/password"), "secret");
    writeFileSync(at("from/one"), "one", { mode: 0o640 });
    writeFileSync(at("from/deep/er/two\nlines"), "two");
    symlinkSync(at("secrets"), at("from/linked"));
    symlinkSync(at("secrets/password"), at("from/deep/linked-file"));
    execFileSync("mkfifo", [at("from/pipe")]);
  });

  it.each(["link", "copy"] as const)("by a %s each: files as they are, no link, no named pipe", (doing) => {
    const run = take(doing);
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    expect(run.stdout).toBe("3 links or special files, which are no data\n");
    expect(readdirSync(at("to"), { recursive: true }).sort()).toEqual([
      "deep",
      "deep/er",
      "deep/er/two\nlines",
      "one",
    ]);
    expect(statSync(at("to/one")).mode & 0o777).toBe(0o640);
    expect(readFileSync(at("to/deep/er/two\nlines"), "utf8")).toBe("two");
    expect(statSync(at("to/one")).ino === statSync(at("from/one")).ino).toBe(doing === "link");
  });

  it("told to look again, takes what has come since at once", async () => {
    const tree = spawn(process.execPath, [join(project, "scripts/backup/tree.js")], {
      env: { AGAIN: "yes", DOING: "link", FROM: at("from"), TO: at("to") },
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(tree.stdout, "data");
    writeFileSync(at("from/late"), "late");
    rmSync(at("from/one"));
    tree.stdin.end("\n");
    const [status] = (await once(tree, "close")) as [number];
    expect(status).toBe(0);
    expect(readdirSync(at("to")).sort()).toEqual(["deep", "late", "one"]);
  });

  it("keeps at a second look what went since, and takes what came or changed", () => {
    take("link");
    rmSync(at("from/deep"), { recursive: true });
    rmSync(at("from/one"));
    writeFileSync(at("from/one"), "another one");
    linkSync(at("from/one"), at("from/again"));
    writeFileSync(at("from/deep"), "a file now");
    expect(take("link").status).toBe(0);
    expect(readFileSync(at("to/one"), "utf8")).toBe("another one");
    expect(readFileSync(at("to/again"), "utf8")).toBe("another one");
    expect(readFileSync(at("to/deep"), "utf8")).toBe("a file now");
  });

  it("follows no link on the way to the directory", () => {
    symlinkSync(at("secrets"), at("way"));
    for (const path of ["way", "from/linked"]) {
      const run = take("copy", at(path));
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/^files: must be readable, .* \(got (ENOTDIR|ELOOP)/);
    }
    expect(readdirSync(at("to"))).toEqual([]);
  });

  it("ends where directories go on for ever", () => {
    mkdirSync(at(`from/${"d/".repeat(80)}`), { recursive: true });
    expect(take("link")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("directories more than 64 deep") as string,
    });
  });

  it.runIf(process.getuid?.() === 0)("leaves out what is root's and closed", () => {
    mkdirSync(at("from/lost+found"), { mode: 0o700 });
    writeFileSync(at("from/lost+found/secret"), "");
    take("link");
    expect(existsSync(at("to/lost+found"))).toBe(false);
  });

  it("never takes what a directory that changes into a link leads to", { timeout: 60_000 }, () => {
    // Somebody else's process, which goes on changing one for the other.
    const script = `const fs = require("fs"); process.chdir(${JSON.stringify(at("from"))}); fs.mkdirSync("d"); fs.writeFileSync("d/password", "own"); fs.symlinkSync(${JSON.stringify(at("secrets"))}, "l"); process.on("SIGTERM", () => process.exit(0)); process.stdout.write("x"); for (;;) { fs.renameSync("d", "t"); fs.renameSync("l", "d"); fs.renameSync("d", "l"); fs.renameSync("t", "d"); }`;
    const swap = execFileSync(
      "sh",
      ["-c", `"${process.execPath}" -e '${script}' >/dev/null 2>&1 & echo $!`],
      {
        encoding: "utf8",
      },
    );
    try {
      for (let round = 0; round < 6; round += 1) {
        rmSync(at("to"), { recursive: true });
        mkdirSync(at("to"));
        expect(take(round % 2 === 0 ? "copy" : "link").status).toBe(0);
        for (const name of readdirSync(at("to"), { recursive: true, encoding: "utf8" })) {
          const stat = lstatSync(at(`to/${name}`));
          expect(stat.isFile() || stat.isDirectory()).toBe(true);
          if (stat.isFile()) expect(readFileSync(at(`to/${name}`), "utf8")).not.toBe("secret");
        }
      }
    } finally {
      process.kill(Number(swap), "SIGKILL");
    }
  });
});

describe("a bundle of files", () => {
  const unpack = (input: string, variables: object) =>
    spawnSync("sh", ["-euc", readFileSync(join(project, "scripts/host/unpack.sh"), "utf8")], {
      env: { PATH: process.env["PATH"], DIRECTORY: at("settings"), ...variables },
      input,
      encoding: "utf8",
    });

  it("is unpacked as it was, whatever its files say of others", () => {
    const files = {
      "Pulumi.prod.yaml": "config: {}\n#:file ../escaped\nx\n#:file state.json\nforged\n",
      "state.json": '{"a": "#:0 b"}\n',
    };
    const { text, variables } = bundleOf(files);
    expect(unpack(text, variables).status).toBe(0);
    expect(readdirSync(root)).toEqual(["settings"]);
    for (const [name, content] of Object.entries(files))
      expect(readFileSync(at(`settings/${name}`), "utf8")).toBe(content);
  });

  it("names no file that was not announced", () => {
    const { variables } = bundleOf({ a: "a\n" });
    const run = unpack(`#:${variables.MARK} ../escaped\nx\n`, variables);
    expect(run.status).not.toBe(0);
    expect(run.stderr).toContain("../escaped: is not one of a");
    expect(existsSync(at("escaped"))).toBe(false);
  });

  const contentOf = (directory: string) =>
    new Map(
      readdirSync(at(directory)).map((name) => [name, readFileSync(at(`${directory}/${name}`), "utf8")]),
    );
  // What a state of 0.3.0 recorded, and one of 0.3.1.
  const recorded: [string, string, Record<string, string>, Record<string, string>][] = [
    [
      "0.3.0",
      "#:file a.sh\necho a\n#:file b.sh\n\n  #:file\n",
      { NAMES: "a.sh b.sh" },
      { "a.sh": "echo a\n", "b.sh": "\n  #:file\n" },
    ],
    [
      "0.3.1",
      "#:0f a.sh\necho a\n#:0f b.sh\n#:file c\n",
      { NAMES: "a.sh b.sh", MARK: "0f" },
      { "a.sh": "echo a\n", "b.sh": "#:file c\n" },
    ],
  ];

  it.each(recorded)("of a step of %s is unpacked and read as it was", (_release, text, variables, files) => {
    expect(unpack(text, variables)).toMatchObject({ status: 0, stderr: "" });
    expect(contentOf("settings")).toEqual(new Map(Object.entries(files)));
    expect(filesOf(text, variables)).toEqual(new Map(Object.entries(files)));
  });

  it("is read as it is unpacked", () => {
    const files = { a: "one\n#:file b\n", b: "two without an end" };
    const { text, variables } = bundleOf(files);
    unpack(text, variables);
    expect(filesOf(text, variables)).toEqual(new Map(Object.entries({ ...files, b: `${files.b}\n` })));
    expect(contentOf("settings")).toEqual(filesOf(text, variables));
  });

  it("is refused wherever it is cut off, and what was there stays", () => {
    const { text, variables } = bundleOf({ a: "1\n2\n", b: "3\n4\n" });
    mkdirSync(at("settings"));
    writeFileSync(at("settings/a"), "old");
    const line = text.indexOf("\n") + 1;
    for (const end of [
      0,
      line,
      line + 1,
      text.indexOf(" b"),
      text.indexOf("3\n") + 2,
      text.indexOf("4") + 1,
      text.length - 2,
    ]) {
      const run = unpack(text.slice(0, end), variables);
      expect(run.stderr).toMatch(/the end did not come|is not one of a b/);
      expect(run.status).toBe(1);
      expect(readdirSync(root)).toEqual(["settings"]);
      expect(contentOf("settings")).toEqual(new Map([["a", "old"]]));
    }
  });
});
