import { beforeAll, describe, expect, it } from "vitest";
import { type BackupStatus, report } from "../ops/lib/backup/report";
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
    report({ ...well, ...over }, now, (script) => `npm run ${script}`);

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
        ...["rocketchat-gate", "backup-restic", "backup-scripts", "rocketchat-secrets-backup-password"],
        ...["storage-backup", "storage-uploads", "storage-data"],
      ]),
    );
    const writable = (container.inputs["volumes"] as { hostPath: string; readOnly: boolean }[])
      .filter(({ readOnly }) => !readOnly)
      .map(({ hostPath }) => hostPath);
    expect(writable).toEqual(["/opt/rocketchat/backup", "/opt/rocketchat/uploads"]);
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
