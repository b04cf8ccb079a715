import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { withoutSecrets } from "../terminal/child-environment";
import { OperatorError } from "../terminal/steps";

/** The version that is fetched when there is none on the PATH: the newest whose hashes are known. lab/toolchain builds a newer one. */
export const pulumiVersion = "3.253.0";

export interface Archive {
  url: string;
  /** Of the whole file, in hex. */
  sha256: string;
}

/** Of the release's archives, as public projects pin them (`pulumi-3.253.0-checksums.txt` of the release has them as well). */
const hashes: Record<string, string> = {
  x64: "33161e521280e6c77395a46344dba5ff9c118a90df254801e662087143b4d1ac",
  arm64: "7d7074d67a76139226c163b2365f14fbd45d8e2251362a2e10dc4602b3b577ea",
};

/** The official archive for this machine; undefined where none is known. */
export function pulumiArchive(platform = process.platform, arch = process.arch): Archive | undefined {
  const sha256 = hashes[arch];
  if (platform !== "linux" || sha256 === undefined) return undefined;
  return {
    url: `https://get.pulumi.com/releases/sdk/pulumi-v${pulumiVersion}-linux-${arch}.tar.gz`,
    sha256,
  };
}

/**
 * Fetches an archive and puts its programs into `bin` of a directory, which is there whole or not at all.
 * @throws OperatorError where it cannot be had, or is not the one that it must be: then nothing of it was unpacked.
 */
export async function installArchive({ url, sha256 }: Archive, directory: string): Promise<void> {
  const bytes = await fetched(url);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256)
    throw new OperatorError(
      `${url}: must have the SHA-256 ${sha256} (got ${found}); nothing of it was run: fetch it again, or install Pulumi ${pulumiVersion} as pulumi.com/docs/install says`,
    );
  mkdirSync(dirname(directory), { recursive: true });
  const waiting = mkdtempSync(`${directory}.`);
  try {
    const file = join(waiting, "archive.tar.gz");
    const bin = join(waiting, "whole", "bin");
    writeFileSync(file, bytes);
    mkdirSync(bin, { recursive: true });
    execFileSync("tar", ["-xzf", file, "-C", bin, "--strip-components=1", "--no-same-owner"], {
      env: withoutSecrets(),
    });
    rmSync(directory, { recursive: true, force: true });
    renameSync(join(waiting, "whole"), directory);
  } finally {
    rmSync(waiting, { recursive: true, force: true });
  }
}

async function fetched(url: string): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(600_000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new OperatorError(
      `${url}: could not be fetched (${(error as Error).message}); run the command again, or install Pulumi ${pulumiVersion} as pulumi.com/docs/install says`,
    );
  }
}
