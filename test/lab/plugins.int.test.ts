/** Holds the command and random plugins of lab/toolchain against what the published ones do. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PluginProject, type Spec, unknown } from "./plugin-project";

const minute = 60_000;
const previous = 'echo "${PULUMI_COMMAND_STDOUT-none} ${PULUMI_COMMAND_STDERR-none}"';
const encrypted = expect.objectContaining({ ciphertext: expect.any(String) as unknown }) as unknown;

function command(args: Spec["args"], opts: Spec["opts"] = {}): Spec {
  return { type: "command.local.Command", args: { logging: "none", ...args }, opts };
}

function password(args: Spec["args"]): Spec {
  return { type: "random.RandomPassword", args };
}

/** The stack under test; `n` is what the second deployment changes. */
function stack(n: number): Record<string, Spec> {
  const create = "echo created; echo trouble >&2";
  return {
    steady: command({ create: "echo steady" }),
    rerun: command({ create: 'echo "created $N"', environment: { N: `${n}` } }),
    updated: command({ create, update: previous, stdin: `${n}` }),
    forgetful: command({ create, update: previous, stdin: `${n}`, addPreviousOutputInEnv: false }),
    triggered: command({ create: "echo triggered", delete: `echo ${n} >> deleted`, triggers: [n] }),
    plain: command({ create: "cat", stdin: { secret: "planted" } }),
    sealed: command({ create: "cat", stdin: { secret: "planted" } }, { additionalSecretOutputs: ["stdout"] }),
    kept: password({ length: 12, special: false, minNumeric: 3 }),
    keyed: password({ length: 12, keepers: { n: `${n}` } }),
    // Its inputs show what a preview knows of the others' outputs.
    witness: command({
      create: "true",
      environment: {
        steady: { output: ["steady", "stdout"] },
        rerun: { output: ["rerun", "stdout"] },
        complaint: { output: ["rerun", "stderr"] },
        triggered: { output: ["triggered", "stdout"] },
        kept: { output: ["kept", "result"] },
        keyed: { output: ["keyed", "result"] },
      },
    }),
  };
}

let project: PluginProject;
beforeAll(async () => {
  project = await PluginProject.create();
}, 15 * minute);
afterAll(() => project.remove());

describe("a first deployment", () => {
  it(
    "plans outputs as unknown, runs the commands, and leaves nothing to do",
    { timeout: minute },
    async () => {
      project.declare(stack(1));
      const { witness } = await project.plan();
      expect(witness?.inputs["environment"]).toEqual({
        steady: unknown,
        rerun: unknown,
        complaint: unknown,
        triggered: unknown,
        kept: unknown,
        keyed: unknown,
      });

      await project.up();
      expect(await project.outputs("steady")).toMatchObject({ stdout: "steady", stderr: "" });
      expect(await project.outputs("updated")).toMatchObject({ stdout: "created", stderr: "trouble" });
      await project.pulumi("preview", "--expect-no-changes");
      await project.pulumi("refresh", "--preview-only", "--expect-no-changes");
    },
  );

  it("keeps a secret stdin secret, and stdout only when asked to", async () => {
    const plain = await project.state("plain");
    expect(plain.inputs["stdin"]).toEqual(encrypted);
    expect(plain.outputs).toMatchObject({ stdin: encrypted, stdout: "planted" });
    expect((await project.state("sealed")).outputs).toMatchObject({ stdin: encrypted, stdout: encrypted });
  });

  it("makes a secret password by the rules and tells the rules in the state", async () => {
    expect((await project.state("kept")).outputs).toMatchObject({ result: encrypted, bcryptHash: encrypted });
    const outputs = await project.outputs("kept");
    expect(outputs["result"]).toMatch(/^(?=(.*[0-9]){3})[a-zA-Z0-9]{12}$/);
    expect(outputs["bcryptHash"]).toMatch(/^\$2a\$10\$/);
    expect(outputs).toMatchObject({ lower: true, upper: true, numeric: true, number: true, special: false });
    expect(outputs).toMatchObject({ length: 12, minLower: 0, minUpper: 0, minNumeric: 3, minSpecial: 0 });
  });
});

describe("a changed input", () => {
  it(
    "updates a command, replaces on triggers and keepers, and leaves the rest",
    { timeout: minute },
    async () => {
      const before = { kept: await project.outputs("kept"), keyed: await project.outputs("keyed") };
      project.declare(stack(2));

      const plan = await project.plan();
      expect(Object.fromEntries(Object.entries(plan).map(([name, { op }]) => [name, op]))).toEqual({
        rerun: "update",
        updated: "update",
        forgetful: "update",
        triggered: "replace",
        keyed: "replace",
        witness: "update",
      });
      expect(plan["witness"]?.inputs["environment"]).toEqual({
        steady: "steady",
        rerun: unknown,
        complaint: unknown,
        triggered: unknown,
        kept: before.kept["result"],
        keyed: unknown,
      });
      expect(existsSync(join(project.directory, "deleted"))).toBe(false);

      await project.up();
      expect((await project.outputs("rerun"))["stdout"]).toBe("created 2");
      expect((await project.outputs("updated"))["stdout"]).toBe("created trouble");
      expect((await project.outputs("forgetful"))["stdout"]).toBe("none none");
      expect(readFileSync(join(project.directory, "deleted"), "utf8")).toBe("1\n");
      expect(await project.outputs("kept")).toEqual(before.kept);
      expect((await project.outputs("keyed"))["result"]).not.toBe(before.keyed["result"]);
    },
  );
});

describe("a failure", () => {
  it("tells the command and all its output, and keeps the last good state", { timeout: minute }, async () => {
    project.declare({ ...stack(2), steady: command({ create: "echo one; echo two >&2; exit 3" }) });
    const { ok, text } = await project.attempt("up", "--yes", "--skip-preview");
    expect(ok).toBe(false);
    expect(text).toMatch(
      /exit status 3: running "echo one; echo two >&2; exit 3":\s+(one\s+two|two\s+one)\s/,
    );
    expect(await project.outputs("steady")).toMatchObject({ create: "echo steady", stdout: "steady" });
  });

  it.each([
    [{ length: 0 }, "must be at least 1 (got 0); raise it"],
    [
      { length: 3, minLower: 2, minUpper: 2 },
      "must be at least the sum of minLower, minUpper, minNumeric and minSpecial, 4 (got 3); raise it",
    ],
    [
      { length: 3, lower: false, upper: false, numeric: false, special: false },
      "must be true when lower, upper and numeric are false (got false); allow a class of characters",
    ],
    [{ length: 3, number: false, numeric: true }, "must equal numeric, of which it is an old name"],
  ])("refuses the password %j in a preview", { timeout: minute }, async (args, message) => {
    project.declare({ impossible: password(args) });
    const { ok, text } = await project.attempt("preview");
    expect(ok).toBe(false);
    expect(text).toContain(message);
  });
});

it("destroys with the delete command of the last deployment", { timeout: minute }, async () => {
  project.declare(stack(2));
  await project.pulumi("destroy", "--yes", "--skip-preview");
  expect(readFileSync(join(project.directory, "deleted"), "utf8")).toBe("1\n2\n");
});

const own = ["pulumi-resource-command", "pulumi-resource-random"];
it.each(own)("%s passes its own tests", { timeout: 10 * minute }, async (plugin) => {
  await promisify(execFile)("go", ["test", "./..."], {
    cwd: resolve(__dirname, "../../lab/toolchain", plugin),
    env: {
      ...process.env,
      CGO_ENABLED: "0",
      GOFLAGS: "-mod=readonly -trimpath -buildvcs=false",
      GOWORK: "off",
    },
  });
});
