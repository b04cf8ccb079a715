import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { recordedScript } from "../commands/drift/recorded-script";

const root = join(__dirname, "..");

it.each([
  ["sh ops/host/helper.sh ops/host/write-file.sh", "scripts/host/write-file.sh"],
  ["sh scripts/host/helper.sh scripts/host/write-file.sh", "scripts/host/write-file.sh"],
  ["sh ops/host/copy-program.sh", "scripts/host/copy-program.sh"],
  [
    "node ops/test-ca/certificate.mjs | sh ops/host/helper.sh ops/test-ca/keep-certificate.sh",
    "scripts/test-ca/keep-certificate.sh",
  ],
  ["true", ""],
  ["sh ops/host/exec-script.sh node ops/rocketchat/gate.js", ""],
])("of %j the script is %j, as states of 0.3 and of today say it", (create, script) => {
  expect(recordedScript(create)).toBe(script);
});

it.each([
  // Steps that 0.3 wrote down with what it takes them out by, which Pulumi runs when a resource goes.
  "ops/host/undo.sh",
  "ops/host/helper.sh",
  "ops/host/remove-file.sh",
  "ops/host/refuse-while-lent.sh",
  // Steps that are run again when a file was changed by hand.
  "ops/host/exec-script.sh",
  "ops/host/write-file.sh",
  "ops/host/directory.sh",
  "ops/host/own-file.sh",
  "ops/host/unpack.sh",
  "ops/host/keep-secret.sh",
  "ops/host/copy-program.sh",
  "ops/host/limit-pids.sh",
  "ops/host/close-wizard.sh",
  "ops/mongo/server.js",
  "ops/mongo/replica-set.js",
  "ops/mongo/database-user.js",
  "ops/mongo/check-existing.js",
  "ops/rocketchat/gate.js",
  "ops/rocketchat/public-setting.js",
  "ops/test-ca/certificate.mjs",
  "ops/test-ca/keep-certificate.sh",
  "ops/test-ca/keep-root.sh",
  "ops/test-ca/root.js",
  // Whom Pulumi asks about what lives in Rocket.Chat.
  "ops/workspace/provider.ts",
])("%s is where states of 0.3 have it", (path) => {
  expect(existsSync(join(root, path))).toBe(true);
});

it("a step that 0.3 has written down runs the script of today", () => {
  const run = spawnSync("sh", ["-c", "sh ops/host/helper.sh ops/host/remove-file.sh"], {
    cwd: root,
    encoding: "utf8",
    env: {
      PATH: `${join(__dirname, "stubs/say")}:${process.env["PATH"]}`,
      HELPER_IMAGE: "busybox",
      MOUNT: "/x",
      PASS: "FILE",
      FILE: "/x/y",
    },
  });
  expect([run.status, run.stderr]).toEqual([0, ""]);
  expect(run.stdout).toContain(readFileSync(join(root, "scripts/host/remove-file.sh"), "utf8").trim());
});
