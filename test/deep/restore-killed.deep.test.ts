import { existsSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Restorable } from "../integration/restorable";

const workspace = new Restorable({ prefix: "itrk-", httpPort: 25280, httpsPort: 25643 });
const { docker, clone, chat, journal, awaiting, bytes } = workspace;
const { odd, password, restore, restored, backedUp, killedIn } = workspace;

let file: string;
let snapshot: string;

beforeAll(async () => {
  await workspace.start();
  ({ file, snapshot } = workspace);
});

afterAll(() => workspace.remove());

describe("a restore that was killed", () => {
  const whole = ["--yes", "--no-safety-backup"];
  beforeAll(async () => {
    await workspace.admin.post("of C");
    writeFileSync(awaiting, snapshot); // as on a new host
  });
  const says = async (text: string) => expect(await workspace.admin.messages()).toContain(text);
  const doesNotSay = async (text: string) => expect(await workspace.admin.messages()).not.toContain(text);

  it("while it changes old for new, and taken back: the old data", async () => {
    await killedIn("swapping", [snapshot, ...whole]);
    await restored("--undo");
    await says("of C");
    expect(odd("describe")).toEqual(workspace.oddOfA);
  });

  it("once it has started: the new data, whole; and on a new host backups are made from now on", async () => {
    await killedIn("starting", [snapshot, ...whole]);
    const run = await restored("--resume");
    expect(run.output).toContain(`The snapshot ${snapshot} is restored.`);
    await doesNotSay("of C");
    await says("of A");
    expect((await workspace.admin.download(file)).equals(bytes)).toBe(true);
    await clone.pulumi("preview", "--expect-no-changes");
    expect(existsSync(awaiting)).toBe(false);
    await backedUp();
  });
});

describe("a restore that has started a container which is gone since", () => {
  it("is taken back: the old data, and up makes the container", async () => {
    await workspace.admin.post("of D");
    await killedIn("starting", [snapshot, "--yes", "--no-safety-backup"]);
    docker.run("rm", "--force", chat);
    const run = await restore(["--undo"]);
    expect(run.status, run.output).toBe(1);
    expect(run.output).toContain(
      `container ${chat}: must be there (got none)\nThe old data are all in their place, and the restore is over; but the workspace does not answer on them. Its deployment makes it as the settings say: npm run up -- --refresh`,
    );
    expect(existsSync(journal)).toBe(false);
    const early = await restore([snapshot, "--yes"]);
    expect(early.output).toContain(
      `container ${chat}: must be there (got none)\nNothing was changed. Deploy first: npm run up`,
    );

    const up = await clone.npm("up", ["--refresh"]);
    expect(up.status, up.output).toBe(0);
    workspace.admin = await workspace.site.login("admin", password());
    expect(await workspace.admin.messages()).toContain("of D");
    await clone.pulumi("preview", "--expect-no-changes");
  });
});
