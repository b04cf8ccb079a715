import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installArchive, pulumiArchive } from "../machine/pulumi-archive";

const work = mkdtempSync(join(tmpdir(), "pulumi-archive-"));
const ran = join(work, "ran");
let archive: Buffer;
let server: Server;
let address: string;

beforeAll(async () => {
  mkdirSync(join(work, "pulumi"));
  writeFileSync(join(work, "pulumi", "pulumi"), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
  execFileSync("tar", ["-czf", "pulumi.tar.gz", "pulumi"], { cwd: work });
  archive = readFileSync(join(work, "pulumi.tar.gz"));
  server = createServer((request, response) => {
    if (request.url === "/pulumi.tar.gz") response.end(archive);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(work, { recursive: true });
});

const sha256 = () => createHash("sha256").update(archive).digest("hex");
const url = () => `${address}/pulumi.tar.gz`;

it("the archive that it must be gives its programs", async () => {
  const directory = join(work, "cache", "pulumi-1");
  await installArchive({ url: url(), sha256: sha256() }, directory);
  expect(readdirSync(join(directory, "bin"))).toEqual(["pulumi"]);
  expect(readdirSync(join(work, "cache"))).toEqual(["pulumi-1"]);
});

it("of any other nothing is unpacked or run", async () => {
  const directory = join(work, "other", "pulumi-1");
  await expect(installArchive({ url: url(), sha256: "0".repeat(64) }, directory)).rejects.toThrow(
    `${url()}: must have the SHA-256 ${"0".repeat(64)} (got ${sha256()})`,
  );
  expect([existsSync(join(work, "other")), existsSync(ran)]).toEqual([false, false]);
});

it("one that cannot be had is told with the reason", async () => {
  const missing = { url: `${address}/nowhere`, sha256: sha256() };
  await expect(installArchive(missing, join(work, "none", "x"))).rejects.toThrow(
    /nowhere: could not be fetched \(status 404\)/,
  );
});

it("is known for the machines that there is an official one for", () => {
  expect(pulumiArchive("linux", "x64")?.url).toMatch(/-linux-x64\.tar\.gz$/);
  expect(pulumiArchive("linux", "arm64")?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(pulumiArchive("linux", "riscv64")).toBeUndefined();
  expect(pulumiArchive("darwin", "arm64")).toBeUndefined();
});
