import { chownSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { lookFor } from "../../commands/drift/look";
import { parseSettings } from "../../settings/parse";
import { labConfig, ensureImages } from "../../machine/images";
import { stackConfig } from "../settings-stack-file";

const engine = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
const directory = "/opt/itlo-rocketchat";
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("a look at many files below a directory that is not root's reads them all", async () => {
  const { "rocketchat:helperImage": lab } = labConfig(await ensureImages(engine)) as Record<string, string>;
  const { helperImage } = parseSettings({
    stack: "local",
    config: stackConfig("local"),
    secretKeys: new Set(),
  });
  mkdirSync(directory, { recursive: true });
  chownSync(directory, 1000, 1000);
  const paths = Array.from({ length: 100 }, (_, number) => join(directory, `file-${number}`));
  for (const path of paths) writeFileSync(path, path);

  const expected = {
    record: "",
    engine,
    helperImage: lab ?? helperImage,
    containers: [],
    networks: [],
    files: [],
  };
  const { files } = await lookFor(expected, "no-such-stack", paths, { fetchesImage: true });

  expect(files.size).toBe(100);
  expect(
    [...files.values()].filter(({ kind, sha256 }) => kind === "file" && sha256.length === 64),
  ).toHaveLength(100);
});
