import { createHash, randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { BackedUp } from "./backed-up";
import { findings, type Inspected } from "./cis";
import { lines } from "./engine";
import { type Session, until } from "./site";
import { Watch } from "./watch";

// The backups of one workspace, as its operator lives with them: the tests build on each other. The repository has a disk of its own.
const stack = new BackedUp({ prefix: "itbk-", httpPort: 24080, httpsPort: 24443 });
const { docker, clone, disk, home, repository, backup, mongo } = stack;
const { status, inside, restic, snapshots, backUp } = stack;

interface Manifest {
  collections: Record<string, number>;
  uploads: { files: number; bytes: number };
  dump: { bytes: number; sha256: string };
  missing?: string[];
  [fact: string]: unknown;
}

let admin: Session;

const image = (container: string) => docker.inspect(container, "{{.Config.Image}}");
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const manifest = () => JSON.parse(restic("dump latest /snapshot/manifest.json")) as Manifest;

/** Nothing of a run is left but what the next one needs. */
function expectNothingLeft(): void {
  expectLocksAside();
  expect(restic("list locks --no-lock")).toBe("");
}

/** What is on the disk goes at the container's next start; a lock in the repository with the next run. */
function expectLocksAside(): void {
  expect(readdirSync(`${home}/uploads`).filter((name) => name.startsWith("."))).toEqual([]);
  for (const name of ["tmp", "staging"]) expect(existsSync(`${home}/backup/${name}`)).toBe(false);
  expect(
    execFileSync("flock", ["--nonblock", `${home}/backup/lock`, "echo", "free"], { encoding: "utf8" }),
  ).toBe("free\n");
}

/** The newest snapshot's database, restored by mongorestore into a mongod that is thrown away: what an expression answers of it. */
async function restored<T>(expression: string): Promise<T> {
  const name = "itbk-scratch";
  const volume = `${repository}:/repository:ro`;
  const password = `${home}/secrets/backup-password:/password:ro`;
  docker.run(
    "run",
    "--detach",
    "--name",
    name,
    "--network",
    "none",
    "--user",
    "0",
    "--volume",
    volume,
    "--volume",
    password,
    "--volume",
    `${home}/backup/bin:/programs:ro`,
    image(mongo),
    "mongod",
    "--bind_ip",
    "127.0.0.1",
  );
  try {
    await until("mongod answers", () =>
      Promise.resolve(docker.run("exec", name, "mongosh", "--quiet", "--eval", "db.hello().ok")),
    );
    const command =
      "set -o pipefail; /programs/restic --quiet --no-lock --no-cache -r /repository --password-file /password dump latest /snapshot/database.archive" +
      " | mongorestore --quiet --archive --nsFrom='rocketchat.*' --nsTo='restored.*'";
    docker.run("exec", name, "bash", "-c", command);
    return JSON.parse(docker.run("exec", name, "mongosh", "--quiet", "restored", "--eval", expression)) as T;
  } finally {
    docker.run("rm", "--force", "--volumes", name);
  }
}

const countAll = `const counts = {}; db.getCollectionNames().forEach((name) => (counts[name] = db[name].countDocuments())); JSON.stringify(counts)`;

beforeAll(async () => {
  ({ admin } = await stack.start());
});

afterAll(() => stack.remove());

describe("a workspace with backups", () => {
  it("has one from its first minute on, and says what is missing", async () => {
    // Their number is the last that a run tells.
    await until(
      "the first backup is made",
      () => Promise.resolve(expect(status()).toMatchObject({ snapshots: 1 })),
      120,
    );
    const told = await clone.npm("backup:status");
    expect(told.status).toBe(1);
    expect(told.stdout).toMatch(/^newest backup {2}\d+ minutes? ago, snapshot [0-9a-f]{8}/m);
    expect(told.stdout).toContain("drill: must be at most 8 days old (got none); npm run drill");
    const metrics = readFileSync(`${home}/backup/metrics.prom`, "utf8");
    expect(metrics).toMatch(
      /^rocketchat_backup_last_success_timestamp_seconds\{stack="local",prefix="itbk-"\} [0-9]{10}$/m,
    );
    expect(metrics).toMatch(/^rocketchat_backup_snapshots\{.*\} 1$/m);
  });

  it("leaves nothing for the next deployment to change", async () => {
    await clone.pulumi("preview", "--expect-no-changes");
    await clone.pulumi("refresh", "--preview-only", "--expect-no-changes");
  });

  it("runs them in a container that passes the CIS checks but for what docs/security.md says", () => {
    const [container] = JSON.parse(docker.run("inspect", backup)) as Inspected[];
    expect(Object.keys(findings(container!)).sort()).toEqual([
      "4.1 not root",
      "5.14 restarted on failure, five times at most",
      "5.3 every capability dropped",
      "5.5 no sensitive directory of the host",
    ]);
    expect(container!.HostConfig.CapAdd).toEqual(["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"]);
    expect(container!.Mounts.map(({ Source }) => Source).filter((path) => path.startsWith("/etc"))).toEqual([
      "/etc/localtime",
    ]);
  });
});

describe("npm run backup", () => {
  it("makes a snapshot whose manifest is true", async () => {
    await admin.post("before the backup");
    const bytes = randomBytes(5_000_000);
    const path = await admin.upload("before.bin", bytes);
    const run = await backUp();
    expect(run.output).toMatch(/\[\d+ s\] reading the database and the uploads\n/);
    expect(run.output).toMatch(/done: snapshot [0-9a-f]{8}, \d+ bytes, \d+ of them new/);

    const { dump, collections, uploads, ...facts } = manifest();
    expect(facts).toMatchObject({
      format: 1,
      application: "rocketchat",
      stack: "local",
      prefix: "itbk-",
      hostname: "chat.localhost",
      database: "rocketchat",
      rocketchatVersion: "8.8.1",
      storage: "FileSystem",
    });
    expect(facts.missing).toBeUndefined();
    expect(uploads).toEqual({ files: 1, bytes: bytes.length });
    const archive = `restic dump latest /snapshot/database.archive`;
    expect(inside(`${archive} | wc -c`)).toBe(String(dump.bytes));
    expect(inside(`${archive} | sha256sum | cut -c 1-64`)).toBe(dump.sha256);
    expect(await restored(countAll)).toEqual(collections);
    expect(collections["rocketchat_message"]).toBe(2);
    const id = path.split("/")[2]!;
    expect(inside(`restic dump latest /snapshot/uploads/${id} | sha256sum | cut -c 1-64`)).toBe(
      sha256(bytes),
    );
    expectNothingLeft();
  });

  it("holds everything that a new host needs", () => {
    const listed = lines(restic("ls latest")).filter((line) => line.startsWith("/snapshot"));
    for (const path of [
      "env",
      "data",
      "secrets/rocketchat/admin-password",
      "secrets/rocketchat/backup-password",
      "secrets/mongodb-shared/root-password",
      "settings/Pulumi.local.yaml",
      "settings/state.json",
    ])
      expect(listed).toContain(`/snapshot/${path}`);
    const settings = parse(restic("dump latest /snapshot/settings/Pulumi.local.yaml")) as {
      encryptionsalt: string;
    };
    expect(settings.encryptionsalt).toMatch(/^v1:/);
    expect(restic("dump latest /snapshot/env")).toBe(readFileSync(`${home}/.env`, "utf8").trim());
    const made = JSON.parse(restic("snapshots --json --no-lock")) as { paths: string[] }[];
    expect([...new Set(made.map(({ paths }) => paths.join()))]).toHaveLength(1);
  });

  it("stores next to nothing the second time", async () => {
    await backUp();
    expect(status().lastBytesAdded).toBeLessThan(150_000);
  });

  it("is refused while another one is at work, which it names", async () => {
    const [first, second] = await Promise.all([
      clone.npm("backup"),
      until("the first one is at work", () =>
        Promise.resolve(expect(existsSync(`${home}/backup/staging`)).toBe(true)),
      ).then(() => clone.npm("backup:check")),
    ]);
    expect(first.status, first.output).toBe(0);
    expect(second.status).toBe(75);
    expect(second.output).toMatch(
      /backup: one at a time \(got a second one, while npm run backup of \S+, since \S+ is at work\); wait until it has ended/,
    );
  });

  it("shows no secret in a process list, in docker inspect, or in its log", async () => {
    const watch = new Watch();
    await watch.during(backUp);
    const seen = [
      ...watch.commands,
      ...watch.environments,
      ...watch.containers.values(),
      docker.run("logs", backup),
    ].join("\n");
    for (const name of ["backup-password", "mongo-password", "admin-password"])
      expect(seen.includes(readFileSync(`${home}/secrets/${name}`, "utf8"))).toBe(false);
    expect(seen).toContain("mongodump --config=");
  });

  it("verifies the repository", async () => {
    const check = await clone.npm("backup:check", ["--read-data-subset", "100%"]);
    expect(check.status, check.output).toBe(0);
    expect(check.output).toContain("no errors were found");
    expect(status()).toMatchObject({ lastCheckResult: "ok" });
  });

  it("does not take a repository for damaged in which another machine is at work", async () => {
    const { lastCheckAt } = status();
    docker.run(
      "run",
      "--detach",
      "--name=itbk-elsewhere",
      "--network=none",
      "--user=0",
      `--volume=${repository}:/repository`,
      `--volume=${home}/backup/bin:/programs:ro`,
      `--volume=${home}/secrets/backup-password:/password:ro`,
      "--entrypoint=bash",
      image(mongo),
      "-c",
      "sleep 600 | /programs/restic --no-cache -r /repository --password-file /password backup --stdin",
    );
    await until("it has its lock", () =>
      Promise.resolve(expect(restic("list locks --no-lock")).not.toBe("")),
    );
    const check = await clone.npm("backup:check");
    docker.run("rm", "--force", "itbk-elsewhere");
    restic("unlock --remove-all");
    expect(check.status, check.output).toBe(1);
    expect(check.output).toMatch(
      /already locked by .*\n[^]*^repository: must be in reach, and nobody else at work/m,
    );
    expect(status()).toMatchObject({ lastCheckAt, lastCheckResult: "ok" });
  });
});

describe("what happens between two collections' turns", () => {
  it("is put right from both readings of the uploads, or read once more; what was never there is written down", () => {
    const name = "itbk-race";
    docker.run(
      "run",
      "--detach",
      `--name=${name}`,
      "--network=none",
      "--user=0",
      `--volume=${join(clone.directory, "scripts/backup")}:/scripts:ro`,
      `--volume=${__dirname}:/tests:ro`,
      image(mongo),
      "mongod",
      "--bind_ip",
      "127.0.0.1",
    );
    const script =
      "until mongosh --quiet --eval 1 >/dev/null 2>&1; do sleep 0.2; done; exec sh /tests/archive-race.sh";
    expect(lines(docker.run("exec", name, "sh", "-c", script))).toEqual([
      "first round: status 10, missing: never-there short-lived",
      "as it would be restored: made old removed",
      "second round: status 0, missing: never-there",
    ]);
    docker.run("rm", "--force", "--volumes", name);
  });
});

describe("while users upload and remove files", () => {
  const mover = "itbk-mover";

  beforeAll(async () => {
    const script = readFileSync(join(__dirname, "uploads-in-motion.js"), "utf8");
    const password = readFileSync(`${home}/secrets/mongo-password`, "utf8");
    const uri = `mongodb://rocketchat:${password}@${mongo}:27017/rocketchat?replicaSet=rs0&authSource=rocketchat`;
    writeFileSync("/tmp/itbk-uri", uri, { mode: 0o600 });
    docker.run(
      "run",
      "--detach",
      "--name",
      mover,
      "--user",
      "0",
      "--network",
      "itbk-data",
      "--env",
      "SEED=300",
      "--volume",
      `${home}/uploads:/uploads`,
      "--volume",
      "/tmp/itbk-uri:/uri:ro",
      "--entrypoint",
      "bash",
      image(mongo),
      "-c",
      'exec mongosh --nodb --quiet --norc --eval "$0" < /uri',
      script,
    );
    await until("files move", () => Promise.resolve(expect(docker.run("logs", mover)).toContain("moving")));
  });

  afterAll(() => {
    docker.run("rm", "--force", mover);
    rmSync("/tmp/itbk-uri");
  });

  it("leaves no message in a backup that names a file which is not there", async () => {
    const before = readdirSync(`${home}/uploads`);
    await backUp();
    const after = readdirSync(`${home}/uploads`);
    expect(before.filter((name) => !after.includes(name)).length).toBeGreaterThan(10);
    expect(after.filter((name) => !before.includes(name)).length).toBeGreaterThan(10);

    const found = await restored<{
      named: string[];
      described: string[];
      edited: number;
      torn: number;
    }>(
      `JSON.stringify({
        named: db.rocketchat_message.find({ file: { $exists: true } }).toArray().flatMap(({ files }) => files.map(({ _id }) => _id)),
        described: db.rocketchat_uploads.find({ complete: true }).toArray().map(({ _id }) => _id),
        edited: db.rocketchat_message.countDocuments({ again: /^edited/ }),
        torn: db.rocketchat_message.countDocuments({
          _id: /^m[fp][0-9.]+$/,
          $nor: [{ rid: "GENERAL", ts: { $type: "date" }, "u.username": "u", msg: { $type: "string" }, $expr: { $eq: ["$msg", "$again"] } }],
        }),
      })`,
    );
    const files = new Set(lines(restic("ls latest /snapshot/uploads")).map((path) => path.split("/").at(-1)));
    expect(found.named.length).toBeGreaterThan(500);
    expect(found.edited).toBeGreaterThan(10);
    expect(found.torn).toBe(0);
    expect(found.named.filter((id) => !found.described.includes(id))).toEqual([]);
    expect(found.named.filter((id) => id.startsWith("f") && !files.has(`${id}.bin`))).toEqual([]);
    expect(manifest().missing).toBeUndefined();
    expect(await restored(countAll)).toEqual(manifest().collections);
  });

  it("reads each file whole", () => {
    const odd = inside(
      `cd "$(mktemp -d -p /backup)" && restic --quiet restore latest --target . --include /snapshot/uploads >/dev/null &&` +
        ` for file in snapshot/uploads/f*.bin; do [ "$(cat "$file").bin" = "\${file##*/}" ] || echo "$file"; done; rm -rf "$PWD"`,
    );
    expect(odd).toBe("");
  });
});

describe("a run that does not end", () => {
  it("leaves nothing when it is killed, and the next one works", async () => {
    const before = snapshots();
    const pid = Number(docker.inspect(backup, "{{.State.Pid}}"));
    const run = clone.npm("backup");
    await until("it is at work", () =>
      Promise.resolve(expect(existsSync(`${home}/backup/staging/snapshot`)).toBe(true)),
    );
    process.kill(pid, "SIGKILL");
    expect((await run).status).not.toBe(0);
    await until("the container is back and has cleaned up", () => Promise.resolve(expectLocksAside()), 60);
    expect(snapshots()).toEqual(before);
    await backUp();
    expect(snapshots().length).toBeGreaterThanOrEqual(before.length);
    expectNothingLeft();
  });

  it("leaves no half snapshot when the repository's disk is full, says so, and works again when there is room", async () => {
    const before = snapshots();
    disk.fill();
    await admin.upload("large.bin", randomBytes(3_000_000));
    const run = await clone.npm("backup");
    expect(run.status).toBe(1);
    expect(run.output).toMatch(/^backup: failed; .*no space left on device/m);
    expect((await clone.npm("backup:status")).stdout).toMatch(
      /backup: must end well \(the last attempt, \d+ minutes? ago, failed: .*no space left/,
    );
    disk.makeRoom();
    expect(snapshots()).toEqual(before);
    expect(execFileSync("find", [repository, "-name", "*-tmp-*"], { encoding: "utf8" })).toBe("");
    expectNothingLeft();
    await backUp();
    expect(status().lastFailure).toBeUndefined();
  });

  it("tells mongodump's reason where MongoDB is down, and works again when it is back", async () => {
    docker.run("stop", mongo);
    const run = await clone.npm("backup");
    docker.run("start", mongo);
    expect(run.status).toBe(1);
    expect(run.output).toMatch(/^backup: failed; mongodump: .*itbk-mongodb-shared/m);
    expect(status().lastFailure).toMatch(/^mongodump: ./);
    expectNothingLeft();
    await until("MongoDB is back", backUp);
  });

  it("is no backup where restic could not read all files, though it made a snapshot of the others", async () => {
    const [before, { lastSnapshot }] = [snapshots(), status()];
    const program = `${home}/backup/bin/restic`;
    const standIn = `#!/bin/sh
case " $* " in *" backup "*) ;; *) exec /backup/bin/restic.away "$@" ;; esac
/backup/bin/restic.away "$@" || exit
echo '{"message_type":"exit_error","code":3,"message":"at least one source file could not be read"}' >&2
exit 3
`;
    renameSync(program, `${program}.away`);
    writeFileSync(program, standIn, { mode: 0o755 });
    try {
      const run = await clone.npm("backup");
      expect(run.status, run.output).toBe(1);
      expect(run.output).toMatch(/^backup: failed; .*at least one source file could not be read/m);
    } finally {
      renameSync(`${program}.away`, program);
    }
    expect(status().lastSnapshot).toBe(lastSnapshot);
    expect(status().lastFailure).toContain("could not be read");
    expect(snapshots()).toEqual(before);
    expectNothingLeft();
  });
});

describe("a repository whose disk is not mounted", () => {
  it("is not made anew, and is found again with its disk", async () => {
    const before = snapshots();
    docker.run("stop", backup);
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", disk.directory]);
    try {
      docker.run("start", backup);
      const run = await clone.npm("backup");
      expect(run.status).toBe(1);
      expect(run.output).toContain(
        `backup: failed; repository: must be the one that holds snapshot ${before.at(-1)} (got none in ${repository}); mount its disk, then docker restart ${backup}, or name another path in backup.repository`,
      );
      expect(readdirSync(repository)).toEqual([]);
      docker.run("stop", backup);
    } finally {
      execFileSync("umount", ["--lazy", disk.directory]);
    }
    docker.run("start", backup);
    expect(snapshots()).toEqual(before);
    await backUp();
    expect(status().lastFailure).toBeUndefined();
  });
});

describe("uploads that were replaced by another directory, as a restore does it", () => {
  it("are noticed: the backup's container starts again by itself, and backs those up", async () => {
    execFileSync("sh", [
      "-c",
      `cd ${home} && cp -a uploads new && mv uploads old && mv new uploads && echo new > uploads/made-later`,
    ]);
    await until("the container mounts what lies there now", () =>
      Promise.resolve(expect(docker.run("exec", backup, "ls", "/uploads")).toContain("made-later")),
    );
    await until("a backup is made", () => backUp());
    expect(restic("dump latest /snapshot/uploads/made-later")).toBe("new");
    docker.run("restart", "itbk-rocketchat");
    rmSync(`${home}/old`, { recursive: true });
  });
});
