import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { deleteData } from "../../commands/down/data";
import { ensureImages } from "../../machine/images";

const engine = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
const topLevel = "/srv/itdd-uploads";
const own = "/srv/itdd";
const disk = join(own, "data");

afterAll(() => {
  for (const path of [topLevel, own]) rmSync(path, { recursive: true, force: true });
});

it("--delete-data empties a disk that is mounted, and takes a directory that stands high up", async () => {
  const paths = [topLevel, join(own, "secrets"), disk];
  for (const path of paths) mkdirSync(join(path, "below"), { recursive: true });
  writeFileSync(join(topLevel, "below", "photo.jpg"), "");
  execFileSync("mount", ["-t", "tmpfs", "itdd", disk]);
  mkdirSync(join(disk, "lost+found"));
  writeFileSync(join(disk, "collection.wt"), "");
  const images = await ensureImages(engine);
  const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    await deleteData(
      {
        engine,
        helperImage: images?.busybox ?? "busybox:1.37.0",
        paths,
        parents: [...new Set(paths.map((path) => dirname(path)))],
        databaseStays: false,
      },
      process.env,
    );
    expect(existsSync(topLevel)).toBe(false);
    expect(readdirSync(own)).toEqual(["data"]);
    expect(readdirSync(disk)).toEqual([]);
    const lines = told.mock.calls.map(([text]) => String(text)).join("");
    expect(lines).toContain(`  ${disk} is kept, empty: a disk is mounted there`);
    expect(lines).toContain(`  ${own} is kept: it holds something else`);
  } finally {
    told.mockRestore();
    execFileSync("umount", [disk]);
  }
});
