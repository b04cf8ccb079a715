import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A disk of the test's own that can be full: an ext4 file system in a file, through a loop device. Needs root. */
export class SmallDisk {
  private image: string | undefined;

  constructor(
    readonly directory: string,
    private readonly mebibytes: number,
  ) {}

  /** Makes it, and mounts it where an engine that starts later will see it. One that a killed run left there goes first. */
  mount(): void {
    const { directory } = this;
    while (isMountpoint(directory)) execFileSync("umount", [directory]);
    mkdirSync(directory, { recursive: true });
    this.image = join(mkdtempSync(join(tmpdir(), "small-disk-")), "image");
    writeFileSync(this.image, "");
    truncateSync(this.image, this.mebibytes << 20);
    execFileSync("mkfs.ext4", ["-q", "-F", "-m", "0", this.image]);
    // The loop device goes with the last mount of it.
    execFileSync("mount", ["-o", "loop", this.image, directory]);
  }

  /** Takes all room but so much, to the last block where nothing is to be left. */
  fill(leftMebibytes = 0): void {
    const { bavail, bsize } = statfsSync(this.directory);
    const bytes = bavail * bsize - (leftMebibytes << 20);
    if (bytes > 0) spawnSync("fallocate", ["--length", String(bytes), this.filler("most")]);
    if (leftMebibytes === 0) spawnSync("dd", ["if=/dev/zero", `of=${this.filler("rest")}`, "bs=4k"]);
  }

  makeRoom(): void {
    for (const part of ["most", "rest"]) rmSync(this.filler(part), { force: true });
  }

  /** Lets every write to it wait until the work is done. */
  async whileFrozen(work: () => Promise<void>): Promise<void> {
    execFileSync("fsfreeze", ["--freeze", this.directory]);
    try {
      await work();
    } finally {
      execFileSync("fsfreeze", ["--unfreeze", this.directory]);
    }
  }

  /** After the engine that saw it. */
  remove(): void {
    if (isMountpoint(this.directory)) execFileSync("umount", [this.directory]);
    if (this.image !== undefined) rmSync(dirname(this.image), { recursive: true });
  }

  private filler(part: string): string {
    return join(this.directory, `filler-${part}`);
  }
}

function isMountpoint(directory: string): boolean {
  return spawnSync("mountpoint", ["-q", directory]).status === 0;
}
