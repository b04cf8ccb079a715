import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
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

// What root does in a directory of another uid: scripts/backup/place.sh and what stands on it.
const project = join(__dirname, "..");
const source = (...scripts: string[]) =>
  scripts.map((script) => readFileSync(join(project, script), "utf8")).join("\n");
const appId = 65533;
let root: string;
const at = (name: string) => join(root, name);

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "rocketchat-place-")));
  chmodSync(root, 0o755);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Runs shell after place.sh and waiting.sh, as a restore's worker does. */
function run(script: string, environment: NodeJS.ProcessEnv = {}, shell = "sh") {
  const library = source("scripts/backup/place.sh", "scripts/host/restore/waiting.sh");
  const { status, stdout, stderr } = spawnSync(shell, ["-euc", `${library}\n${script}`], {
    encoding: "utf8",
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ...environment },
  });
  return { status, stdout, stderr };
}

const has = (command: string) => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;

describe.runIf(process.getuid?.() === 0)("a place of root's in a directory of another uid", () => {
  beforeEach(() => {
    mkdirSync(at("uploads"));
    chownSync(at("uploads"), appId, appId);
  });

  it("is closed, whatever access list that directory gives to what is made in it", (context) => {
    if (!has("setfacl")) return context.skip("setfacl is not installed");
    const entry = `default:user:${appId}:rx,default:group::rx`;
    if (spawnSync("setfacl", ["-m", entry, at("uploads")]).status !== 0)
      return context.skip(`${tmpdir()} keeps no access lists`);
    expect(run(`enter '${at("uploads")}'; umask 077; make_place place; stat -c '%a %u' .`)).toEqual({
      status: 0,
      stdout: "700 0\n",
      stderr: "",
    });
    writeFileSync(at("uploads/place/secret"), "secret");
    const theirs = spawnSync("cat", [at("uploads/place/secret")], { uid: appId, gid: appId });
    expect(theirs.status).not.toBe(0);
  });

  it("cannot be removed by whoever owns that directory, and says so where that was done at once", () => {
    expect(run(`enter '${at("uploads")}'; make_place place`)).toMatchObject({ status: 0 });
    const theirs = spawnSync("rmdir", [at("uploads/place")], { uid: appId, gid: appId });
    expect(theirs.status).not.toBe(0);
    rmSync(at("uploads/place"), { recursive: true });

    mkdirSync(at("bin"));
    writeFileSync(at("bin/ls"), `#!/bin/sh\nrmdir '${at("uploads/place")}'\n`, { mode: 0o755 });
    const removed = run(`PATH='${at("bin")}':$PATH; enter '${at("uploads")}'; make_place place`);
    expect(removed).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(/uploads\/place: must be left alone \(got removed meanwhile/) as string,
    });
  });

  it("takes nobody else's place, and says why none can be made", () => {
    symlinkSync("/etc", at("uploads/place"));
    expect(run(`enter '${at("uploads")}'; make_place place`)).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(
        /uploads\/place: must not be there \(got somebody's\); see who/,
      ) as string,
    });
    const run2 = run(`enter '${at("uploads")}'; make_place missing/place`);
    expect(run2).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(
        /missing\/place: must be made \(got No such file or directory\); mend/,
      ) as string,
    });
  });
});

describe.runIf(process.getuid?.() === 0)("where files wait to change places", () => {
  const choose = 'choose_waiting; echo "$above/$place"';
  const places = () => ({ DIRECTORY: at("home/uploads"), BESIDE: at("home/backup/restoring-uploads") });
  const beside = () => at("home/backup/restoring-uploads");
  const within = () => at("home/uploads/.rocketchat-restore");

  beforeEach(() => {
    mkdirSync(at("home/backup"), { recursive: true });
    mkdirSync(at("home/uploads"));
    chownSync(at("home/uploads"), appId, appId);
  });

  it.each(["sh", "bash"])("is beside them where they can, by %s, and nothing is left of the try", (shell) => {
    expect(run(choose, places(), shell)).toEqual({ status: 0, stdout: `${beside()}\n`, stderr: "" });
    expect(readdirSync(at("home/uploads"))).toEqual([]);
    expect(readdirSync(at("home/backup"))).toEqual([]);
  });

  it("is with them where they cannot, as in another project of a quota", () => {
    // Says what the kernel says there; one direction alone is enough.
    for (const refused of ["data", "roots"]) {
      mkdirSync(at(`bin-${refused}`));
      writeFileSync(
        at(`bin-${refused}/ln`),
        `#!/bin/sh\ncase $2 in *${refused}) echo 'ln: Invalid cross-device link' >&2; exit 1 ;; esac\n`,
        { mode: 0o755 },
      );
      const PATH = `${at(`bin-${refused}`)}:${process.env["PATH"]}`;
      expect(run(choose, { ...places(), PATH })).toEqual({ status: 0, stdout: `${within()}\n`, stderr: "" });
      expect(readdirSync(at("home/uploads"))).toEqual([]);
    }
  });

  it("is with them where they are a mount of their own", (context) => {
    const script = `mount --bind '${at("home/uploads")}' '${at("home/uploads")}'\n${choose}`;
    const found = inMounts(script, places());
    if (found.status === null) return context.skip("no mount can be made here");
    expect(found).toEqual({ status: 0, stdout: `${within()}\n`, stderr: "" });
  });

  it("is with them where they are a subvolume of btrfs, which is no mount", (context) => {
    if (!has("mkfs.btrfs")) return context.skip("mkfs.btrfs is not installed");
    execFileSync("truncate", ["-s", "120M", at("image")]);
    execFileSync("mkfs.btrfs", ["-q", at("image")], { stdio: "ignore" });
    const script = `mount -o loop '${at("image")}' '${at("home")}'
      mkdir '${at("home/backup")}'; btrfs -q subvolume create '${at("home/uploads")}'; ${choose}`;
    const found = inMounts(script, places());
    if (found.status === null) return context.skip("no btrfs can be mounted here");
    expect(found).toEqual({ status: 0, stdout: `${within()}\n`, stderr: "" });
  });

  it("is not for the other uid to choose", () => {
    mkdirSync(at("home/uploads/.rocketchat-probe.planted/full"), { recursive: true });
    chownSync(at("home/uploads/.rocketchat-probe.planted"), appId, appId);
    mkdirSync(at("home/uploads/.rocketchat-probe.killed"), { mode: 0o700 });
    expect(run(choose, places())).toMatchObject({ status: 0, stdout: `${beside()}\n` });
    expect(readdirSync(at("home/uploads"))).toEqual([".rocketchat-probe.planted"]);
  });

  it("is found again where it is, without another try", () => {
    const find = 'find_waiting; echo "$above/$place"';
    expect(run(find, places()).stdout).toBe(`${within()}\n`);
    mkdirSync(beside());
    expect(run(find, places()).stdout).toBe(`${beside()}\n`);
    expect(run(find, { ...places(), EARLIER: "yes" }).stdout).toBe(`${at("home/uploads/.restore")}\n`);
  });

  /** As `run`, with mounts of its own; no status where none can be made. */
  function inMounts(script: string, environment: NodeJS.ProcessEnv) {
    const [mounting, ...rest] = script.split("\n");
    const inside = `${source("scripts/backup/place.sh", "scripts/host/restore/waiting.sh")}\n${mounting} 2>/dev/null || exit 99\n${rest.join("\n")}`;
    const { status, stdout, stderr } = spawnSync("unshare", ["--mount", "sh", "-euc", inside], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...environment },
    });
    return { status: status === 99 ? null : status, stdout, stderr };
  }
});

describe.runIf(process.getuid?.() === 0)("files that wait", () => {
  it("change places and back, whole", () => {
    const uploads = at("home/uploads");
    for (const name of ["home/backup/restoring-uploads/new", "home/uploads"])
      mkdirSync(at(name), { recursive: true });
    chmodSync(at("home/backup/restoring-uploads"), 0o700);
    writeFileSync(at("home/backup/restoring-uploads/run"), "1");
    writeFileSync(at("home/backup/restoring-uploads/new/restored"), "");
    writeFileSync(`${uploads}/present`, "");
    const swap = (direction: string) =>
      run(source("scripts/host/restore/swap-files.sh"), {
        DIRECTORY: uploads,
        BESIDE: at("home/backup/restoring-uploads"),
        RUN: "1",
        DIRECTION: direction,
      });
    expect(swap("forward")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readdirSync(uploads)).toEqual(["restored"]);
    expect(swap("back")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readdirSync(uploads)).toEqual(["present"]);
    expect(swap("clean")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(existsSync(at("home/backup/restoring-uploads"))).toBe(false);
    expect(statSync(`${uploads}/present`).isFile()).toBe(true);
  });
});

describe.runIf(process.getuid?.() === 0)("secrets of a snapshot", () => {
  it.each([
    ["root's", 0, 0o755],
    ["an operator's", 1000, 0o755],
    ["an operator's, and his group's", 1000, 0o775],
  ])("come into a workspace's directory that is %s", (_whose, uid, mode) => {
    const secrets = at("home/secrets");
    mkdirSync(secrets, { recursive: true, mode: 0o700 });
    chownSync(at("home"), uid, uid);
    chmodSync(at("home"), mode);
    writeFileSync(`${secrets}/backup-password`, "of the host", { mode: 0o400 });
    mkdirSync(at("bin"));
    writeFileSync(
      at("bin/restic"),
      '#!/bin/sh\ncase $* in *" restore "*) for name in admin-password backup-password; do echo "of the snapshot" > "$name"; done ;; esac\n',
      { mode: 0o755 },
    );
    const PATH = `${at("bin")}:${process.env["PATH"]}`;
    const environment = { PATH, SNAPSHOT: "1", SECRETS: secrets, MONGO: "", WHO: "a test" };
    expect(run(`take_lock() { :; }\n${source("scripts/host/restore/put-secrets.sh")}`, environment)).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    const found = readdirSync(secrets).map((name) => {
      const { uid: owner, mode: rights } = statSync(`${secrets}/${name}`);
      return `${name} ${owner} ${(rights & 0o7777).toString(8)} ${readFileSync(`${secrets}/${name}`, "utf8").trim()}`;
    });
    expect(found).toEqual(["admin-password 0 400 of the snapshot", "backup-password 0 400 of the host"]);
    expect(statSync(secrets).mode & 0o7777).toBe(0o700);
  });
});

describe.runIf(process.getuid?.() === 0)("one file of a snapshot", () => {
  /** As restic lists it: name and path as its JSON has them, which escapes more than it must. */
  const node = (path: string, type: string) => {
    const escaped = JSON.stringify(path).replace(
      /[&<>]/g,
      (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`,
    );
    return `{"name":${escaped},"type":"${type}","path":${escaped},"uid":0,"struct_type":"node","message_type":"node"}\n`;
  };
  const snapshotLine = '{"time":"2026-01-01T00:00:00Z","hostname":"chat","struct_type":"snapshot"}\n';

  beforeEach(() => {
    mkdirSync(at("home/backup"), { recursive: true });
    mkdirSync(at("home/uploads"), { mode: 0o750 });
    chownSync(at("home/uploads"), appId, appId);
    mkdirSync(at("bin"));
    writeFileSync(
      at("bin/restic"),
      `#!/bin/sh\ncase $* in *' ls '*) echo ls >> '${at("calls")}'; cat '${at("listing")}' ;; *' dump '*) for last; do :; done; printf %s "$last" ;; esac\n`,
      { mode: 0o755 },
    );
  });

  const put = (name: string, ...nodes: string[]) => {
    writeFileSync(at("listing"), snapshotLine + nodes.join(""));
    return run(
      `take_lock() { :; }\n${source("scripts/host/restore/put-file.sh")}`,
      {
        PATH: `${at("bin")}:${process.env["PATH"]}`,
        SNAPSHOT: "1",
        WHO: "a test",
        NAME: name,
        SOURCE: `/snapshot/uploads/${name}`,
        DIRECTORY: at("home/uploads"),
        BESIDE: at("home/backup/restoring-uploads"),
      },
      "bash",
    );
  };

  it.each(["plain", "a & b <c>.txt", 'quote " back \\ slash', '"type":"dir"', "$(id) *", "new/directory/ü"])(
    "comes back whatever it is called: %s",
    (name) => {
      const path = `/snapshot/uploads/${name}`;
      expect(put(name, node(path, "file"))).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(readFileSync(at(`home/uploads/${name}`), "utf8")).toBe(path);
      expect(statSync(at(`home/uploads/${name}`)).uid).toBe(appId);
      expect(readFileSync(at("calls"), "utf8")).toBe("ls\n");
      expect(readdirSync(at("home/backup"))).toEqual([]);
    },
  );

  it("is refused where it is a directory, a link, or not there", () => {
    const path = "/snapshot/uploads/x";
    const directory = put("x", node(path, "dir"), node(`${path}/y`, "file"));
    expect(directory.stderr).toMatch(/uploads\/x: must be a file \(got a directory\)/);
    expect(put("x", node(path, "symlink")).stderr).toMatch(/must be a file \(got a symlink\)/);
    expect(put("x")).toMatchObject({
      status: 64,
      stderr: expect.stringContaining("is not in the snapshot") as string,
    });
    expect(readdirSync(at("home/uploads"))).toEqual([]);
  });
});
