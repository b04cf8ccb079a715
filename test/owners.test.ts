import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ownersOf } from "../commands/drift/owners";
import { Docker } from "../engine/docker";

const bin = mkdtempSync(join(tmpdir(), "rocketchat-owners-"));
const [calls, kept] = [join(bin, "calls"), join(bin, "kept")];
afterAll(() => rmSync(bin, { recursive: true }));

/** @param docker Answers as the docker CLI, by `$*`. */
function stub(docker: string): void {
  writeFileSync(join(bin, "docker"), `#!/bin/sh\necho "$*" >> ${calls}\ncase $* in ${docker} esac\n`, {
    mode: 0o755,
  });
  writeFileSync(calls, "");
}
const runs = () => readFileSync(calls, "utf8").match(/^run .*/gm) ?? [];

beforeEach(() => {
  rmSync(kept, { recursive: true, force: true });
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"] ?? ""}`);
  return () => vi.unstubAllEnvs();
});

const image = (id: string) => `"image inspect"*) echo ${id} ;;`;
const user = 'run*) echo "uid=999(mongodb) gid=998(mongodb) groups=998(mongodb)" ;;';
const asked = (...owners: { image: string; user?: string }[]) =>
  ownersOf(
    new Docker("unix:///nowhere.sock", Date.now() + 15_000),
    owners.map((owner) => ({ owner })),
    kept,
  );
const mongo = { image: "mongo:8", user: "mongodb" };

describe("whom an image's user is", () => {
  it("is asked of the image once, whoever asks how often", async () => {
    stub(image("sha256:a") + user);
    const owners = new Map([["mongodb@mongo:8", "999:998"]]);
    expect(await asked(mongo, mongo)).toEqual(owners);
    expect(await asked(mongo)).toEqual(owners);
    expect(runs()).toEqual([expect.stringMatching(/--entrypoint=id sha256:a mongodb$/)]);
  });

  it("is asked again when another image has the name, and for another user", async () => {
    stub(image("sha256:a") + user);
    await asked(mongo);
    stub(image("sha256:b") + user.replace("999", "1001"));
    expect(await asked(mongo)).toEqual(new Map([["mongodb@mongo:8", "1001:998"]]));
    await asked({ image: "mongo:8" });
    expect(runs().length).toBe(2);
  });

  it("is asked again where what was kept is not whole", async () => {
    stub(image("sha256:a") + user);
    await asked(mongo);
    const [file] = readdirSync(kept);
    writeFileSync(join(kept, file!), "999:9");
    expect(await asked(mongo)).toEqual(new Map([["mongodb@mongo:8", "999:998"]]));
    expect(runs().length).toBe(2);
  });

  it("is not known of an image that is gone or does not say, and nothing is kept of it", async () => {
    stub('"image inspect"*) echo "Error: No such image: mongo:8" >&2; exit 1 ;;');
    expect(await asked(mongo)).toEqual(new Map());
    stub(`${image("sha256:a")} run*) echo nobody ;;`);
    expect([await asked(mongo), await asked(mongo), runs().length]).toEqual([new Map(), new Map(), 2]);
  });

  it("fails where the engine does", async () => {
    stub('*) echo "docker: the shim could not start" >&2; exit 125 ;;');
    await expect(asked(mongo)).rejects.toThrow("shim");
  });
});
