import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it, vi } from "vitest";
import { pendingAdoption } from "../commands/adopt/hand-over";
import type { Adoption } from "../commands/adopt/record";
import { stackConfig } from "./settings-stack-file";

const bin = mkdtempSync(join(tmpdir(), "rocketchat-hand-over-"));
const calls = join(bin, "calls");
const PATH = `${bin}:${process.env["PATH"] ?? ""}`;
const stack = { name: "prod", env: { PATH }, configArgs: [] };
afterAll(() => rmSync(bin, { recursive: true }));

beforeEach(() => {
  vi.stubEnv("PATH", PATH);
  vi.stubEnv("ROCKETCHAT_YES_DNS", "1");
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  return () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  };
});

const adoption: Adoption = {
  stack: "prod",
  state: "planned",
  image: "mongo:8",
  dataDirectory: "/data",
  replicaSet: "rs0",
  member: "mongodb-shared:27017",
  copy: "/copy",
  hasEnvFile: false,
  database: "rocketchat",
  settings: [],
  owners: [],
  chat: { id: "c1", name: "rocketchat", restart: "always" },
  mongo: { id: "m1", name: "mongodb-shared", restart: "always" },
};

/** An old service that holds the names and the ports of the new one. */
function stub(avx: "yes" | "no", state: Adoption["state"] = "planned"): void {
  const config = Object.entries(stackConfig("prod")).map(([key, value]) => [
    `rocketchat:${key}`,
    { value, secret: false },
  ]);
  writeFileSync(join(bin, "config"), JSON.stringify(Object.fromEntries(config)));
  writeFileSync(join(bin, "adoption"), JSON.stringify({ ...adoption, state }));
  writeFileSync(join(bin, "pulumi"), `#!/bin/sh\ncat ${bin}/config\n`, { mode: 0o755 });
  const docker = `#!/bin/sh
echo "$*" | head -n 1 >> ${calls}
case $* in
  version*) echo "28.2.2 linux amd64" ;;
  info*) printf '/var/lib/docker\t6.1.0\n' ;;
  "image inspect"*) echo "linux amd64" ;;
  *volume=*) printf 'mongodb-shared\trunning\t\n' ;;
  "ps --all --format"*) printf 'rocketchat\t\t0.0.0.0:80->80/tcp\nmongodb-shared\t\t\n' ;;
  *PLACES=*) printf 'avx\t${avx}\n' ;;
  *"env FILE"*) cat ${bin}/adoption ;;
  stop*) exit 1 ;;
esac
`;
  writeFileSync(join(bin, "docker"), docker, { mode: 0o755 });
  writeFileSync(calls, "");
}

const stopped = () =>
  readFileSync(calls, "utf8")
    .split("\n")
    .filter((call) => call.startsWith("stop "));

it("an old service is stopped for no deployment that preflight refuses", async () => {
  stub("no");
  const pending = await pendingAdoption(stack);
  await expect(pending?.handOver()).rejects.toThrow(
    /mongo\.version +must be below 5 on a processor without AVX.*\nThe old service runs on; mend that/,
  );
  expect(stopped()).toEqual([]);
});

it("an old service that was stopped before is not called running, and has its way back named", async () => {
  stub("no", "handed over");
  const pending = await pendingAdoption(stack);
  await expect(pending?.handOver()).rejects.toThrow(
    /The old service is stopped and whole since an earlier run; mend that, then run the command again; or bring the old one back: npm run adopt -- --stack prod --undo$/,
  );
});

it("an old service holds names and ports until it is stopped", async () => {
  stub("yes");
  const pending = await pendingAdoption(stack);
  await expect(pending?.handOver()).rejects.toThrow(/docker stop/);
  expect(stopped()).toEqual(["stop --time 120 c1"]);
});
