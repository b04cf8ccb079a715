import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clone } from "./clone";
import { lines } from "./engine";
import { KilledUp } from "./killed-up";
import { database, Restorable } from "./restorable";
import { SftpServer } from "./sftp-server";
import { type Answer, Site, until } from "./site";

const prefix = "itre-";
const ports = { httpPort: 25080, httpsPort: 25443 };
const workspace = new Restorable({ prefix, ...ports });
const { docker, clone, chat, mongo, home, journal, awaiting, backup, bytes } = workspace;
const { asRoot, odd, collections, password, restore, restored, backedUp, killedIn } = workspace;

let site: Site;
let file: string;
let snapshot: string;
/** What `latest` is. */
let newest: string;
let oddOfA: { name: string; documents: string[] }[];
let sftp: SftpServer | undefined;

/** Everything on the server that is not the workspace's: the neighbour's data, byte for byte, and all users. */
const neighbours = () =>
  asRoot(
    `EJSON.stringify([db.getSiblingDB("neighbour").runCommand({ dbHash: 1 }).md5, db.getSiblingDB("admin").getCollection("system.users").find({ user: { $ne: "x" } }).toArray()])`,
  );

/** What must not change while nothing is done: ids and start times. */
const running = () =>
  docker
    .containers(prefix)
    .sort()
    .map((name) => `${name} ${docker.inspect(name, "{{.Id}} {{.State.StartedAt}} {{.State.Running}}")}`);

/** Runs a script in the backup's container, with restic set up for the repository. */
const inBackup = (script: string) =>
  docker.run(
    "exec",
    "--env=TAMPER=/backup/tmp/tamper",
    `${chat}-backup`,
    "bash",
    "-euc",
    `. /backup/scripts/common.sh; repository; rm -rf $TAMPER; mkdir -p $TAMPER; cd $TAMPER; ${script}`,
  );

/** A copy of the snapshot whose manifest says something else. */
function withManifest(change: string): string {
  inBackup(
    `restic --quiet restore ${snapshot} --target . ; sed -i '${change}' snapshot/manifest.json; restic --quiet backup --host elsewhere --tag rocketchat snapshot`,
  );
  const list = JSON.parse(inBackup("restic --quiet snapshots --json --host elsewhere")) as {
    short_id: string;
    time: string;
  }[];
  return list.sort((a, b) => Date.parse(a.time) - Date.parse(b.time)).at(-1)!.short_id;
}

beforeAll(async () => {
  await workspace.start();
  ({ site, file, snapshot, oddOfA } = workspace);
  newest = snapshot;
});

afterAll(async () => {
  workspace.remove();
  await sftp?.remove();
});

describe("a restore into the running stack", () => {
  it("is refused without the stack's name, and nothing changes", async () => {
    const before = running();
    const run = await restore([snapshot], "prod\n");

    expect(run.status).toBe(1);
    expect(run.output).toContain('wants the stack\'s name local (got "prod"); nothing was changed');
    expect(running()).toEqual(before);
  });

  it("brings A back where B was made since: A there, B gone, the neighbours untouched; an up waits", async () => {
    await workspace.admin.post("of B");
    const fileOfB = await workspace.admin.upload("b.bin", randomBytes(1000));
    asRoot(`${database}.createCollection("only_in_b")`);
    asRoot(
      `const b = ${database}; b.createView("view only in b", "users", []); b.view.drop(); b.createView("view", "users", []); b.guarded.deleteMany({}); b.capped.drop(); b.createView("capped", "users", []); b.getCollection("a view.of a view").drop(); b.createCollection("a view.of a view")`,
    );
    const before = neighbours();
    const answers: Answer[] = [];
    let watching = true;
    const watch = (async () => {
      while (watching) {
        for (const path of ["/", "/api/info"]) {
          const answer = await site.request("GET", path).catch(() => undefined);
          if (answer?.status === 503) answers.push(answer);
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();

    const fetches = () => Promise.resolve(statSync(`${home}/backup/restoring-uploads`));
    const beside = until("it fetches", fetches).then(() => clone.npm("up"));
    const run = await restored(snapshot);
    watching = false;
    await watch;
    const up = await beside;
    expect(up.status, up.output).not.toBe(0);
    expect(up.output).toMatch(
      /\(got a restore at work, process \d+ of \S+, since \S+\); wait until it has ended/,
    );

    expect(run.output).toMatch(/messages +4 +2\n/);
    expect(run.output).toMatch(/files +2 +1\n/);
    const messages = await workspace.admin.messages();
    expect(messages).toContain("of A");
    expect(messages).not.toContain("of B");
    expect((await workspace.admin.download(file)).equals(bytes)).toBe(true);
    expect((await site.request("GET", fileOfB, { headers: workspace.admin.headers })).status).toBe(404);
    expect(readdirSync(`${home}/uploads`)).toEqual([file.split("/")[2]]);
    expect(collections()).not.toContain("only_in_b");
    expect(collections()).not.toContain("view only in b");
    expect(odd("describe")).toEqual(oddOfA);
    expect(
      asRoot(
        `const c = ${database}.getCollectionInfos({ name: "capped_of_a" })[0].options; print(c.capped, c.max)`,
      ),
    ).toBe("true 7");
    expect(
      asRoot(`print(${database}.rocketchat_message.getIndexes().map((i) => i.name).sort().join())`),
    ).toBe("_id_,of_a,rid_1_ts_-1");
    expect(neighbours()).toBe(before);
    const [page] = answers.filter(({ headers }) => headers["content-type"]?.startsWith("text/html"));
    const [json] = answers.filter(({ headers }) => headers["content-type"] === "application/json");
    expect(page?.body.toString()).toContain("being restored from a backup");
    expect(page?.headers["retry-after"]).toBe("120");
    expect(JSON.parse(json!.body.toString())).toMatchObject({ success: false });
    await clone.pulumi("preview", "--expect-no-changes");
  });

  it("made a backup of B first, which a list tells apart and latest is not", async () => {
    const run = await restore([]);
    expect(run.status, run.output).toBe(0);
    const [, ...rows] = lines(run.stdout);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/^[0-9a-f]{8} .* 8\.8\.1 +6\.0\.5 +itre-rocketchat, before a restore$/);
    expect(rows[1]).toMatch(new RegExp(`^${snapshot} .* 1 \\(0\\.3 MB\\) .* itre-rocketchat$`));
    const latest = await restore(["latest"], "no\n");
    expect(latest.output).toContain(`The snapshot ${snapshot} of `);
  });

  it("of one file puts back that file alone, while the chat goes on", async () => {
    const id = file.split("/")[2]!;
    writeFileSync(join(home, "uploads", id), "damaged");
    const before = running();
    const run = await restore([snapshot, "--only", `uploads/${id}`, "--yes"]);

    expect(run.status, run.output).toBe(0);
    expect((await workspace.admin.download(file)).equals(bytes)).toBe(true);
    expect(running()).toEqual(before);
    const mistyped = await restore([snapshot, "--only", `uploads/${id}x`, "--yes"]);
    expect(mistyped.status).toBe(1);
    expect(mistyped.output).not.toContain("repository:");
    expect(mistyped.output.trim().split("\n").at(-1)).toBe(
      `/snapshot/uploads/${id}x: is not in the snapshot; see whether the name is right, or choose another snapshot`,
    );
    const outside = await restore([snapshot, "--only", "uploads/../.env", "--yes"]);
    expect(outside.status).toBe(1);
    expect(outside.output).toContain("--only: must be database, uploads, data, or one file of these");
  });

  it("of one file is refused where that is a directory, on the server or in the snapshot alone", async () => {
    const only = ["--only", "data/emoji", "--yes"];
    const isWhole = await restore([snapshot, ...only]);
    rmSync(`${home}/data/emoji`, { recursive: true });
    const isGone = await restore([snapshot, ...only]);
    for (const run of [isWhole, isGone]) {
      expect(run.status, run.output).toBe(1);
      expect(run.output.trim().split("\n").at(-1)).toBe(
        "/snapshot/data/emoji: must be a file (got a directory); name one file in it, or restore the part as a whole",
      );
    }
    expect(readdirSync(`${home}/data`)).toEqual([]);
    const one = await restore([snapshot, "--only", "data/emoji/of-a.png", "--yes"]);
    expect(one.status, one.output).toBe(0);
    expect(readFileSync(`${home}/data/emoji/of-a.png`, "utf8")).toBe("of A");
  });
});

describe("a part alone", () => {
  it("the uploads: the messages of since stay", async () => {
    await workspace.admin.post("stays");
    rmSync(join(home, "uploads", file.split("/")[2]!));
    await restored(snapshot, "--only", "uploads", "--yes", "--no-safety-backup");

    expect(await workspace.admin.messages()).toContain("stays");
    expect((await workspace.admin.download(file)).equals(bytes)).toBe(true);
  });

  it("the database, of another workspace: the files of since stay, and there is a login, by the password that is told", async () => {
    await workspace.admin.upload("later.bin", randomBytes(100));
    inBackup(
      `restic --quiet restore ${snapshot} --target . ; chmod 0600 snapshot/secrets/rocketchat/admin-password; printf other > snapshot/secrets/rocketchat/admin-password; restic --quiet backup --host other-rocketchat --tag rocketchat snapshot`,
    );
    const [{ short_id: other } = { short_id: "" }] = JSON.parse(
      inBackup("restic --quiet snapshots --json --host other-rocketchat"),
    ) as { short_id: string }[];
    const theirs = `${home}/secrets/admin-password.restored`;
    const run = await restored(other, "--only", "database", "--yes", "--no-safety-backup");

    expect(await workspace.admin.messages()).not.toContain("stays");
    expect(readdirSync(`${home}/uploads`)).toHaveLength(2);
    expect(run.output).toContain(
      `The administrator's password is that of the snapshot's workspace now; on the server: ${theirs}`,
    );
    expect(readFileSync(theirs, "utf8")).toBe("other");
    expect(statSync(theirs).mode & 0o777).toBe(0o400);
  });
});

describe("a restore is refused, and nothing changes,", () => {
  const refused = async (args: string[], reason: string | RegExp) => {
    const before = [running(), collections(), neighbours(), readdirSync(`${home}/uploads`)];
    const run = await restore([...args, "--yes", "--no-safety-backup"]);
    expect(run.status, run.output).toBe(1);
    expect(run.output).toMatch(reason);
    expect([running(), collections(), neighbours(), readdirSync(`${home}/uploads`)]).toEqual(before);
    expect(existsSync(journal)).toBe(false);
  };

  it.each([
    [
      "of a newer Rocket.Chat",
      's/"rocketchatVersion": "[^"]*"/"rocketchatVersion": "8.9.0"/',
      /rocketchat\.version: must be at least the snapshot's, 8\.9\.0 \(got 8\.8\.1\); its migrations have no way back/,
    ],
    [
      "of another application",
      's/"application": "rocketchat"/"application": "zulip"/',
      /snapshot [0-9a-f]{8}: must be of a Rocket\.Chat workspace \(got one of zulip\)/,
    ],
    ["of another layout", 's/"format": 1/"format": 2/', /must have the layout 1 \(got 2, of release /],
    [
      "that does not fit on the disk",
      '/"uploads"/,/}/s/"bytes": [0-9]*/"bytes": 900000000000000/',
      /disk: must have 900000000 MB free for .*the uploads/,
    ],
  ])("%s", async (_what, change, reason) => {
    await refused([withManifest(change)], reason);
  });

  it("whose dump is not what the manifest says: the service was not even stopped", async () => {
    await refused([withManifest('s/"sha256": "[0-9a-f]*/"sha256": "00/')], /must hold the dump of \d+ bytes/);
  });

  it("that is not there", async () => {
    await refused(["0123abcd"], "got 0123abcd, which is none");
  });

  it("with a wrong repository password", async () => {
    const secret = `${home}/secrets/backup-password`;
    const right = readFileSync(secret);
    writeFileSync(secret, "wrong");
    try {
      await refused([snapshot], /repository: must open with the repository password of this host/);
    } finally {
      writeFileSync(secret, right);
    }
  });

  it("into a database that is not the workspace's own", async () => {
    clone.configure([["rocketchat:mongo", "database"], "neighbour"]);
    try {
      await refused(
        [snapshot],
        /mongo\.database: must be this workspace's own, where rocketchat logs in \(got neighbour on itre-mongodb-shared\)/,
      );
    } finally {
      clone.configure([["rocketchat:mongo", "database"], undefined]);
    }
  });

  it("by up, where a setting would leave the data behind", async () => {
    clone.configure([["rocketchat:uploads", "directory"], `/opt/${prefix}elsewhere/uploads`]);
    try {
      const before = running();
      const up = await clone.npm("up");
      expect(up.status).not.toBe(0);
      expect(up.output).toContain(
        `uploads.directory  must stay where the data are (got /opt/${prefix}elsewhere/uploads, while ${home}/uploads holds them)`,
      );
      expect(running()).toEqual(before);
      expect(existsSync(`/opt/${prefix}elsewhere`)).toBe(false);
    } finally {
      clone.configure([["rocketchat:uploads"], undefined]);
    }
  });

  it("over a time series that has the name of a collection of the snapshot", async () => {
    asRoot(
      `const c = ${database}; c.getCollection("empty.of it").drop(); c.createCollection("empty.of it", { timeseries: { timeField: "at" } })`,
    );
    await refused(
      [snapshot],
      /collection empty\.of it: must be none, or an ordinary one \(got a time series/,
    );
    asRoot(`const c = ${database}; c.getCollection("empty.of it").drop(); c.createCollection("empty.of it")`);
  });

  it("by a user that an earlier release made, where documents may be older than their collection's validator", async () => {
    const role = '{ role: "restoring", db: "rocketchat" }';
    asRoot(`${database}.revokeRolesFromUser("rocketchat", [${role}])`);
    await refused([snapshot], /mongo\.user: must be allowed to load .*, and guarded\); deploy first/);
    asRoot(`${database}.grantRolesToUser("rocketchat", [${role}])`);
  });
});

describe("a restore that was killed", () => {
  beforeAll(async () => {
    await workspace.admin.post("of C");
    writeFileSync(awaiting, snapshot); // as on a new host
  });
  afterAll(() => rmSync(awaiting, { force: true }));

  it("keeps up, down and backup waiting, and names the way out", async () => {
    await killedIn("loading", [snapshot, "--yes", "--no-safety-backup"]);
    for (const script of ["up", "down", "backup"]) {
      const run = await clone.npm(script);
      expect(run.status, run.output).not.toBe(0);
      expect(run.output).toMatch(/npm run restore -- (--stack local )?--resume/);
    }
    expect(docker.inspect(chat, "{{.HostConfig.RestartPolicy.Name}}")).toMatch(/always|no/);
  });

  it("while it loads: the old data come back, whole", async () => {
    const run = await restored("--resume");
    expect(run.output).toContain("The workspace is as it was before, and answers.");
    expect(await workspace.admin.messages()).toContain("of C");
    expect((await workspace.admin.download(file)).equals(bytes)).toBe(true);
    expect(existsSync(awaiting)).toBe(true);
  });
});

describe("a drill", () => {
  const drill = () => clone.npm("drill");
  const status = () =>
    JSON.parse(readFileSync(`${home}/backup/status.json`, "utf8")) as Record<string, string>;

  it("restores the newest snapshot beside the service, which notices nothing, and says so", async () => {
    // In a room that the administrator is not in.
    const guest = { username: "guest", name: "Guest", email: "guest@localhost", password: "Correct-horse-1" };
    const { headers } = workspace.admin;
    await site.json("POST", "/api/v1/users.create", { headers, json: guest });
    const session = await site.login(guest.username, guest.password);
    const { group } = await site.json<{ group: { _id: string } }>("POST", "/api/v1/groups.create", {
      headers: session.headers,
      json: { name: "guests" },
    });
    const theirs = randomBytes(1000);
    const path = await session.upload("theirs.bin", theirs, undefined, group._id);
    expect((await site.request("GET", path, { headers })).status).toBe(403);
    newest = await backedUp();

    const before = running();
    const run = await drill();
    expect(run.status, run.output).toBe(0);
    expect(run.stdout).toContain("it has no network but its own loopback");
    expect(run.stdout).toContain("admin logged in with the password of the snapshot's secrets");
    expect(run.stdout).toContain("the newest message of a public channel is there");
    expect(run.stdout).toContain(`with SHA-256 ${createHash("sha256").update(theirs).digest("hex")}`);
    expect(running()).toEqual(before);
    expect(existsSync(`${home}/backup/drill`)).toBe(false);
    expect(status()).toMatchObject({ lastDrillResult: "ok", lastDrillSnapshot: newest });
  });

  it("fails where the snapshot is not what it should be, and removes everything", async () => {
    const bad = withManifest('s/"sha256": "[0-9a-f]*/"sha256": "00/');
    const before = running();
    const run = await clone.npm("drill", [bad]);

    expect(run.status).toBe(1);
    expect(run.output).toContain("snapshot: must hold what its manifest says");
    expect(running()).toEqual(before);
    expect(status()["lastDrillResult"]).toMatch(/^snapshot: must hold what its manifest says/);
  });

  it("is refused without room for it, and leaves nothing", async () => {
    const large = withManifest('/"dump"/,/}/s/"bytes": [0-9]*/"bytes": 900000000000000/');
    const before = [running(), readdirSync(`${home}/backup`)];
    const run = await clone.npm("drill", [large]);

    expect(run.status).toBe(1);
    expect(run.output).toMatch(
      /^disk: must have 900000\d{3} MB free for the drill \(got \d+ MB\); the snapshot and its database lie there meanwhile/m,
    );
    expect([running(), readdirSync(`${home}/backup`)]).toEqual(before);
    expect(status()["lastDrillResult"]).toMatch(/^disk: must have /);
  });
});

describe("a time series, which cannot be renamed", () => {
  let series: typeof oddOfA;
  let withoutThem: string;

  it("is not in a backup, which says so and fails, and holds everything else", async () => {
    odd("fillTimeSeries");
    series = odd("describe");
    const run = await clone.npm("backup");
    expect(run.status, run.output).toBe(1);
    const reason =
      /database rocketchat: must hold nothing that no restore brings back \(got readings, readings\.100% kept, of a time series or of MongoDB's own; everything else is in snapshot ([0-9a-f]{8})\); move it to a database of its own/;
    withoutThem = reason.exec(run.output)![1]!;
    const told = await clone.npm("backup:status");
    expect(told.stdout).toMatch(reason);
  });

  it("stays through a restore, which names it, and gives back what reads it", async () => {
    asRoot(`const c = ${database}; c.mean.drop(); c.guarded.deleteMany({})`);
    const run = await restored(withoutThem, "--yes");
    expect(run.output).toContain("not brought back: readings, readings.100% kept (");
    expect(odd("describe")).toEqual(series);
  });

  it("is named by a drill", async () => {
    const run = await clone.npm("drill", [withoutThem]);
    expect(run.status, run.output).toBe(0);
    expect(run.stdout).toContain("not brought back: readings, readings.100% kept (");
  });

  it("may move to a database of its own, as docs/backup.md says", async () => {
    const steps = /```js\n(const from = [^]*?)```/.exec(
      readFileSync(join(__dirname, "../../docs/backup.md"), "utf8"),
    )![1]!;
    for (const name of ["readings", "readings.100% kept"])
      asRoot(steps.replaceAll('"readings"', JSON.stringify(name)));
    expect(odd("describe").map(({ documents }) => documents.length)).not.toContain(300);
    expect(asRoot('print(db.getSiblingDB("reports").readings.countDocuments())')).toBe("300");
    newest = await backedUp();
  });
});

describe("an empty host", () => {
  it("gets everything back from a server for files, by the repository's password and a clone: the same password, messages and files", async () => {
    // At an address that stays when the stack's networks go.
    const network = `${prefix}files`;
    docker.run("network", "create", network);
    const gateway = docker.gateway(network);
    sftp = new SftpServer(`${prefix}sftp`, gateway, 25022);
    await sftp.start();
    const key = sftp.userKey();
    const elsewhere = {
      ...backup,
      repository: sftp.repository("backups/chat"),
      knownHosts: sftp.knownHost("host-key"),
    };
    clone.configure([["rocketchat:backup"], elsewhere]);
    await clone.setSecret("rocketchat:backupSftpKey", key);
    const moving = clone.npm("up");
    await until("it is at work", () =>
      Promise.resolve(expect(new KilledUp(clone).lockFiles()).toHaveLength(1)),
    );
    const beside = await restore([snapshot, "--yes"]);
    expect(beside.status).toBe(1);
    expect(beside.output).toMatch(
      /stack local: one deployment at a time \(got a second one, while .* is at work\)/,
    );
    const moved = await moving;
    expect(moved.status, moved.output).toBe(0);

    await workspace.admin.post("before the fire");
    newest = await backedUp();
    inBackup(
      `restic --quiet restore latest --target . ; rm -r snapshot/secrets/mongodb-shared; restic --quiet backup --host existing-mongo --tag rocketchat snapshot`,
    );
    const onExistingMongo = inBackup("restic --quiet snapshots --json --host existing-mongo");
    const [{ short_id: withoutMongo } = { short_id: "" }] = JSON.parse(onExistingMongo) as {
      short_id: string;
    }[];
    const adminPassword = password();
    const repositoryPassword = readFileSync(`${home}/secrets/backup-password`, "utf8");
    const down = await clone.npm("down", ["--delete-data"], "local\n");
    expect(down.status, down.output).toBe(0);
    expect(readdirSync("/opt").filter((name) => name.startsWith(prefix))).toEqual([`${prefix}repository`]);
    const other = new Clone("restore-empty");
    try {
      other.setApart({ prefix, ...ports });
      other.configure([["rocketchat:backup"], elsewhere]);
      const passwordFile = join(other.directory, ".state", "repository-password");
      mkdirSync(join(other.directory, ".state"), { recursive: true });
      writeFileSync(passwordFile, "wrong");
      const emptyHost = (...ids: string[]) =>
        other.npm("restore", [...ids, "--empty-host", "--password-file", passwordFile]);
      const keyless = await emptyHost();
      expect(keyless.status).toBe(1);
      expect(keyless.output).toContain("backupSftpKey");
      await other.setSecret("rocketchat:backupSftpKey", key);
      const unlisted = await other.npm("restore");
      expect(unlisted.status).toBe(1);
      expect(unlisted.output).toContain(
        `${home}/backup: must hold the tools of the backups (got no such directory); deploy first: npm run up; a new host: docs/restore.md`,
      );
      expect(readdirSync("/opt").filter((name) => name.startsWith(prefix))).toEqual([`${prefix}repository`]);
      const wrong = await emptyHost();
      expect(wrong.status).toBe(1);
      expect(wrong.output).toContain("repository: must open with the repository password");
      writeFileSync(passwordFile, `${repositoryPassword}\n`);

      const ofExistingMongo = await emptyHost(withoutMongo);
      expect(ofExistingMongo.status, ofExistingMongo.output).toBe(0);
      expect(password()).toBe(adminPassword);
      expect(existsSync(`/opt/${mongo}/secrets`)).toBe(false);
      const secrets = await emptyHost();
      expect(secrets.status, secrets.output).toBe(0);
      expect(secrets.output).toContain(`npm run restore -- ${newest}`);
      const up = await other.npm("up");
      expect(up.status, up.output).toBe(0);
      const tooEarly = await other.npm("backup");
      expect(tooEarly.output).toContain(
        "must not take the place of the backup that this new host is restored from",
      );
      const again = await emptyHost();
      expect(again.output).toContain("--empty-host: must be a host without data of this workspace");
      const run = await other.npm("restore", ["latest", "--yes"]);
      expect(run.status, run.output).toBe(0);
      expect(run.output).toContain("first a backup of what is there now");
      expect(run.output).toContain(`The snapshot ${newest} is restored`);

      const root = readFileSync(join(other.directory, ".state/local/test-ca-root.pem"), "utf8");
      const here = new Site("chat.localhost", ports.httpPort, ports.httpsPort, root);
      const session = await here.login("admin", adminPassword);
      expect(await session.messages()).toContain("before the fire");
      expect((await session.download(file)).equals(bytes)).toBe(true);
      expect(await other.pulumi("stack", "output", "adminPassword", "--show-secrets")).toBe(adminPassword);
      await other.pulumi("preview", "--expect-no-changes");
      const next = await other.npm("backup");
      expect(next.status, next.output).toBe(0);
    } finally {
      other.remove();
    }
  }, 600_000);
});
