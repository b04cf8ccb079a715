import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type BackupStatus, checkFaults, report } from "../commands/backup/report";
import { prune, refuseAhead } from "../commands/backup/prune";
import { commandFor } from "../settings/command";
import { parseSettings } from "../settings/parse";
import { find, type Node, plain, visibleText } from "./graph";
import { programWith, waitsFor } from "./program";
import { stackConfig } from "./settings-stack-file";

describe("npm run backup:status", () => {
  const now = new Date("2026-03-10T12:00:00Z");
  const well: BackupStatus = {
    repository: "/var/backups/rocketchat",
    lastSuccessAt: "2026-03-10T03:31:00+00:00",
    lastSnapshot: "0a1b2c3d",
    lastSeconds: 61,
    lastBytes: 1_234_567_890,
    lastBytesAdded: 45_000,
    snapshots: 12,
    lastCheckAt: "2026-03-08T12:00:00+00:00",
    lastCheckResult: "ok",
    lastDrillAt: "2026-03-09T05:00:00+00:00",
    lastDrillResult: "ok",
  };
  const of = (over: Partial<BackupStatus>) =>
    report({ ...well, ...over }, now, (script, ...args) => commandFor("local", script, ...args));

  it("tells ages and sizes, and finds nothing wrong", () => {
    expect(of({})).toEqual({
      lines: [
        "repository     /var/backups/rocketchat",
        "newest backup  8 hours ago, snapshot 0a1b2c3d, 1.2 GB (45.0 kB new) in 61 s",
        "backups kept   12",
        "last check     2 days ago: ok",
        "last drill     31 hours ago: ok",
      ],
      faults: [],
    });
  });

  const failure = { lastFailureAt: "2026-03-10T11:58:00Z", lastFailure: "no route to host" };
  it.each<[string, Partial<BackupStatus>, string]>([
    [
      "no backup",
      { lastSuccessAt: undefined as never },
      "backup: must be at most 26 hours old (got none); mend that, then npm run backup",
    ],
    [
      "one of 27 hours ago",
      { lastSuccessAt: "2026-03-09T09:00:00Z" },
      "backup: must be at most 26 hours old (got 27 hours ago); mend that, then npm run backup",
    ],
    [
      "one that is yet to come",
      { lastSuccessAt: "2030-01-01T00:00:00Z" },
      "backup: must be at most 26 hours old (got at a time that is yet to come: a clock was wrong); mend that, then npm run backup",
    ],
    [
      "one of no time",
      { lastSuccessAt: "" },
      "backup: must be at most 26 hours old (got at a time that is yet to come: a clock was wrong); mend that, then npm run backup",
    ],
    [
      "an old one and a failure",
      { lastSuccessAt: "2026-03-07T09:00:00Z", ...failure },
      "backup: must be at most 26 hours old (got 3 days ago; the last attempt, 2 minutes ago, failed: no route to host); mend that, then npm run backup",
    ],
    [
      "a failure alone",
      failure,
      "backup: must end well (the last attempt, 2 minutes ago, failed: no route to host); mend that, then npm run backup",
    ],
    [
      "a damaged repository",
      { lastCheckResult: "ciphertext verification failed" },
      "repository: must be whole (got ciphertext verification failed); see docs/backup.md, and make a backup elsewhere meanwhile",
    ],
    [
      "backups that somebody removed",
      { snapshotsGone: "aaaaaaaa bbbbbbbb" },
      "backups: must stay until this server removes them (got 2 that somebody else removed, such as aaaaaaaa, bbbbbbbb); find out who did; if it was meant: npm run backup:status -- --accept-gone",
    ],
    [
      "a check of 9 days ago",
      { lastCheckAt: "2026-03-01T11:00:00Z" },
      "check: must be at most 8 days old (got 9 days ago); mend that, then npm run backup:check",
    ],
    [
      "a check that could never look",
      { lastCheckAt: undefined as never, lastCheckFailure: "no route to host" },
      "check: must be at most 8 days old (got none; the last attempt could not look: no route to host); mend that, then npm run backup:check",
    ],
    [
      "no drill",
      { lastDrillAt: undefined as never },
      "drill: must be at most 8 days old (got none); npm run drill",
    ],
    [
      "a drill of 9 days ago",
      { lastDrillAt: "2026-03-01T11:00:00Z" },
      "drill: must be at most 8 days old (got 9 days ago); npm run drill",
    ],
    [
      "a drill that failed",
      { lastDrillResult: "the canary was not there" },
      "drill: must succeed (got the canary was not there); mend that, then npm run drill",
    ],
  ])("finds %s wrong", (_what, over, fault) => {
    expect(of(over).faults).toEqual([fault]);
  });
});

it("npm run backup:status misses no check before the first is due, nor minds one that could not look yet", () => {
  const now = new Date("2026-03-10T12:00:00Z");
  expect(checkFaults({}, now, String)).toEqual([]);
  const young = { lastCheckAt: "2026-03-08T12:00:00Z", lastCheckResult: "ok", lastCheckFailure: "away" };
  expect(checkFaults(young, now, String)).toEqual([]);
});

describe("the schedule", () => {
  /** Whether a check is due at a time, by the day of the month and the hour, of a container that was started at another. */
  const isDue = (
    at: string,
    facts: { checked?: string; began?: string; started?: string; tried?: string },
  ) => {
    const seconds = (time?: string) => (time === undefined ? 0 : Date.parse(`2026-03-${time}:00Z`) / 1000);
    const now = seconds(at);
    const script = `
      . scripts/backup/due.sh
      value() { echo ${seconds(facts.checked)}; }
      first_write() { echo ${seconds(facts.began ?? "01T04:00")}; }
      at() { if [ "$1" = today ]; then command date -d "$(command date -d @${now} +%F) 03:30" +%s; else command date -d "$(command date -d @$((${now} - 86400)) +%F) 03:30" +%s; fi; }
      started=${seconds(facts.started ?? "01T00:00")} check_tried=${seconds(facts.tried)}
      due_check ${now}`;
    const env = {
      PATH: process.env["PATH"],
      TZ: "UTC",
      JITTER: "0",
      TIME: "03:30",
      PREFIX: "",
      SITE: "chat",
    };
    return spawnSync("bash", ["--norc", "-euc", script], { env }).status === 0;
  };

  it("checks the repository a week after the last time, an hour after the backup", () => {
    const checked = "08T04:31";
    expect(isDue("14T04:31", { checked })).toBe(false);
    expect(isDue("15T04:29", { checked })).toBe(false);
    expect(isDue("15T04:30", { checked })).toBe(true);
    expect(isDue("20T12:00", { checked })).toBe(true);
  });

  it("checks for the first time a week after the first backup", () => {
    expect(isDue("02T12:00", {})).toBe(false);
    expect(isDue("08T04:30", {})).toBe(true);
  });

  it("tries again after an hour, and makes up for what was missed on the next day, or at once when it is late", () => {
    const facts = { checked: "08T04:31", tried: "15T04:30" };
    expect(isDue("15T05:29", facts)).toBe(false);
    expect(isDue("15T05:30", facts)).toBe(true);
    const missed = { checked: "08T04:31", started: "15T10:00" };
    expect(isDue("15T10:01", missed)).toBe(false);
    expect(isDue("16T04:30", missed)).toBe(true);
    expect(isDue("17T10:01", { checked: "08T04:31", started: "17T10:00" })).toBe(true);
  });
});

it("what a store answered last is told, of what restic says while it tries again", () => {
  const said = `Stat(<config/>) returned error, retrying after 550.6ms: Stat: no route to host
Stat(<config/>) returned error, retrying after 2.7s: Stat: The Access Key Id you provided does not exist: see there
signal terminated received, cleaning up
Fatal: unable to open config file: context canceled`;
  const says = (text: string) =>
    spawnSync("bash", ["--norc", "-euc", '. scripts/backup/common.sh; store_says "$TEXT"'], {
      env: { PATH: process.env["PATH"], TEXT: text, PREFIX: "" },
      encoding: "utf8",
    });
  expect(says(said)).toMatchObject({
    status: 0,
    stdout: "Stat: The Access Key Id you provided does not exist: see there\n",
  });
  expect(says("Fatal: wrong password")).toMatchObject({ status: 0, stdout: "" });
});

describe("one server writes to a repository", () => {
  /** What a server without a memory of its own makes of a newest snapshot by a writer. */
  const looks = (writer: string) => {
    const script = `
      . scripts/backup/common.sh; . scripts/backup/one-writer.sh
      writer() { echo mine; }
      run_restic() { if [[ $1 == snapshots ]]; then printf '[{"id":"%s"}]' "$(printf '0a1b%.0s' {1..16})"; else printf '{\n  "writer": "${writer}",\n}\n'; fi; }
      refuse_other_server`;
    const env = { PATH: process.env["PATH"], PREFIX: "", STACK: "prod" };
    return spawnSync("bash", ["--norc", "-euc", script], { env, encoding: "utf8" });
  };

  it("which has written there before, or is told to", () => {
    expect(looks("mine")).toMatchObject({ status: 0, stderr: "" });
    const refused = looks("another");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toBe(
      "repository: must be written to by one server (got snapshot 0a1b0a1b by another server of the same name); end the other's backups, then npm run backup -- --stack prod --take-over; or name another path in backup.repository\n",
    );
  });
});

describe("npm run backup:prune", () => {
  /** @returns the variables that restic got */
  async function pruneWith(variables: Record<string, string>): Promise<string[]> {
    const bin = mkdtempSync(join(tmpdir(), "rocketchat-restic-"));
    onTestFinished(() => rmSync(bin, { recursive: true }));
    const restic = `#!/bin/sh\nenv | sed 's/=.*//' > ${bin}/got\necho '[]'\n`;
    writeFileSync(join(bin, "restic"), restic, { mode: 0o755 });
    const backup = JSON.stringify({ repository: "s3:https://s3.example.org/chat", appendOnly: true });
    const keys = { backupS3AccessKeyId: "x", backupS3SecretAccessKey: "x" };
    const settings = parseSettings({
      stack: "prod",
      config: { ...stackConfig("prod"), backup, ...keys },
      secretKeys: new Set(Object.keys(keys)),
      secretsUnread: true,
    });
    const env = { PATH: `${bin}:${process.env["PATH"]}`, ...variables };
    const agree = () => Promise.reject(new Error("there is nothing to agree to"));
    const pruned = { ...settings, backup: settings.backup! };
    expect(await prune(pruned, "password", { repository: undefined, agree, env })).toBe(0);
    return readFileSync(join(bin, "got"), "utf8").split("\n");
  }

  it("gives restic what its stores take, and nothing else of the environment", async () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const got = await pruneWith({
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "key",
      AWS_REGION: "eu",
      RESTIC_COMPRESSION: "max",
      RESTIC_PASSWORD_FILE: "/p",
      RESTIC_REPOSITORY_FILE: "/r",
      HTTPS_PROXY: "http://proxy",
      PULUMI_CONFIG_PASSPHRASE: "x",
      GITHUB_TOKEN: "x",
      OTHER: "x",
    });
    for (const name of [
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_REGION",
      "RESTIC_COMPRESSION",
      "HTTPS_PROXY",
    ])
      expect(got).toContain(name);
    for (const name of [
      "RESTIC_PASSWORD_FILE",
      "RESTIC_REPOSITORY_FILE",
      "PULUMI_CONFIG_PASSPHRASE",
      "GITHUB_TOKEN",
      "OTHER",
    ])
      expect(got).not.toContain(name);
    vi.restoreAllMocks();
  });

  it("takes the credential of S3 from a profile as well", async () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await pruneWith({ AWS_PROFILE: "pruner" })).toContain("AWS_PROFILE");
    await expect(pruneWith({})).rejects.toThrow(/^AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: must hold/);
    vi.restoreAllMocks();
  });

  // restic's answers, of a store that removes none of its two backups.
  const restic = (status: number) => `#!/bin/sh
case " $* " in
  *" snapshots "*) echo '[{"id":"aa11","short_id":"aa11","time":"2026-01-01T00:00:00Z"},{"id":"bb22","short_id":"bb22","time":"2026-01-02T00:00:00Z"}]' ;;
  *" --dry-run "*) echo '[{"remove":[{"id":"aa11","short_id":"aa11","time":"2026-01-01T00:00:00Z"}]}]' ;;
  *" forget "*) echo "unable to remove <snapshot/aa11> from the repository" >&2; exit ${status} ;;
esac
`;

  it.each([0, 3])("counts what a store has kept all the same, where restic ends with %i", async (status) => {
    const bin = mkdtempSync(join(tmpdir(), "restic-"));
    vi.stubEnv("PATH", `${bin}${delimiter}${process.env["PATH"]}`);
    writeFileSync(join(bin, "restic"), restic(status), { mode: 0o755 });
    try {
      const settings = parseSettings({
        stack: "prod",
        config: stackConfig("prod"),
        secretKeys: new Set(),
      });
      if (settings.backup === undefined) throw new Error("prod: must have backups");
      const pruned = prune({ ...settings, backup: settings.backup }, "password", {
        repository: undefined,
        agree: () => Promise.resolve(),
        env: { PATH: process.env["PATH"] },
      });
      await expect(pruned).rejects.toThrow(
        "unable to remove <snapshot/aa11> from the repository\nbackup.repository: must let this credential remove (got 1 that are still there); use the one that may",
      );
    } finally {
      vi.unstubAllEnvs();
      rmSync(bin, { recursive: true });
    }
  });

  it("refuses to choose among backups that are dated ahead", () => {
    const now = new Date("2026-03-10T12:00:00Z");
    const at = (time: string) => [{ id: "0a1b", short_id: "0a1b", time }];
    expect(() => refuseAhead(at("2026-03-10T12:30:00Z"), now)).not.toThrow();
    expect(() => refuseAhead(at("2026-03-11T12:00:00Z"), now)).toThrow(
      "snapshot 0a1b: must have been made by now (got 2026-03-11T12:00:00Z); nothing was removed",
    );
  });
});

it("a server that may only add is handed its certificate and its credential as files, and told to remove nothing", async () => {
  const rest = {
    repository: "rest:https://backup.example.org:8000/chat",
    appendOnly: true,
    caCertificate: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  };
  const secrets = { backupRestUser: "chat", backupRestPassword: "plan ted" };
  const graph = await programWith({ ...stackConfig("prod"), backup: JSON.stringify(rest) }, secrets);
  expect(plain(find(graph, "Command", "backup-rest").inputs)["stdin"]).toBe("chat:plan%20ted\n");
  expect(find(graph, "Command", "backup-ca.pem").inputs["stdin"]).toBe(`${rest.caCertificate}\n`);
  expect(find(graph, "Container", "backup").inputs["envs"]).toEqual(
    expect.arrayContaining(["APPEND_ONLY=yes"]),
  );
  expect(visibleText(graph)).not.toMatch(/plan( |%20)ted/);
}, 30_000);

describe("the backup of a workspace", () => {
  const sftp = {
    repository: "sftp://chat@backup.example.org:2222/srv/chat",
    knownHosts: "[backup.example.org]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA",
    uploadLimit: "2 MiB",
  };
  const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nplanted\n-----END OPENSSH PRIVATE KEY-----";
  const own = stackConfig("prod");
  let graph: Node[];

  beforeAll(async () => {
    graph = await programWith({ ...own, backup: JSON.stringify(sftp) }, { backupSftpKey: key });
  });

  it("runs beside the workspace, once that answers, on the database's network and one of its own", () => {
    const container = find(graph, "Container", "backup");
    expect(container.inputs).toMatchObject({
      name: "rocketchat-backup",
      hostname: "rocketchat-backup",
      image: "mongo:8.0.32",
      user: "0",
      readOnly: true,
      capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"] },
      networksAdvanced: [{ name: "data" }, { name: "egress" }],
    });
    expect(waitsFor(container)).toEqual(
      expect.arrayContaining([
        "rocketchat-wizard",
        "backup-restic",
        "backup-scripts",
        "rocketchat-secrets-backup-password",
        "storage-backup",
        "storage-uploads",
        "storage-data",
      ]),
    );
    const writable = (container.inputs["volumes"] as { hostPath: string; readOnly: boolean }[])
      .filter(({ readOnly }) => !readOnly)
      .map(({ hostPath }) => hostPath);
    expect(writable).toEqual(["/opt/rocketchat/backup", "/opt/rocketchat/uploads", "/opt/rocketchat"]);
    const volumes = container.inputs["volumes"] as {
      hostPath: string;
      containerPath: string;
      readOnly: boolean;
    }[];
    expect(volumes).toContainEqual({
      hostPath: "/opt/rocketchat/secrets",
      containerPath: "/parts/home/secrets",
      readOnly: true,
    });
  });

  it("counts as the stack's own when a loan is looked for", () => {
    expect(find(graph, "Command", "loan-guard-egress").inputs["environment"]).toMatchObject({
      CONTAINERS: expect.stringContaining("rocketchat-backup") as string,
    });
  });

  it("hands its credentials over as files, and shows none", () => {
    expect(plain(find(graph, "Command", "backup-sftp-key").inputs)["stdin"]).toBe(`${key}\n`);
    expect(find(graph, "Command", "backup-known-hosts").inputs["stdin"]).toBe(`${sftp.knownHosts}\n`);
    expect(visibleText(graph)).not.toContain("planted");
    expect(find(graph, "Container", "backup").inputs["envs"]).toEqual(
      expect.arrayContaining([
        `REPOSITORY=${sftp.repository}`,
        "UPLOAD_LIMIT=2048",
        "JITTER=900",
        "TIME=03:30",
      ]),
    );
    expect(find(graph, "Command", "backup-rclone").inputs["environment"]).toMatchObject({
      IMAGE: "rclone/rclone:1.75.2",
      PROGRAM: "/usr/local/bin/rclone",
    });
  });
});
