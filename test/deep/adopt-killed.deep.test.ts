import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  accepted,
  adopted,
  cleanUp,
  cloneFor,
  expectEverythingKept,
  labImages,
  newSite,
  up,
  WithoutAuthentication,
} from "../integration/adoptable";
import type { Clone } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { until } from "../integration/site";

// An adoption that is killed on its way, and its hand-over too: the tests build on each other.
const docker = new DockerCli();
const prefix = "itak-";
const ports = { httpPort: 30082, httpsPort: 30445 };
const clone = cloneFor(prefix, ports);
const old = new WithoutAuthentication(prefix, ports.httpsPort, 30302);
const { opt, envFile, password } = old;
let path: string;

beforeAll(async () => {
  path = await old.start();
});

afterAll(() => {
  cleanUp(prefix);
  clone.remove();
});

it("killed while it copies, and run again, it makes a copy that restores", async () => {
  clone.configure([["rocketchat:uploads", "storage"], "FileSystem"]);
  await killedWhen(clone, ["adopt", "--", ...accepted], "local\n", () =>
    existsSync(`${opt}/before-adoption.unfinished`),
  );

  const run = await adopted(clone, "local\n", ...accepted);

  expect(run.output).toContain("uploads.storage: FileSystem → GridFS");
  const copies = readdirSync(opt).filter((name) => name.startsWith("before-adoption"));
  expect(copies).toHaveLength(1);
  const copy = join(opt, copies[0]!);
  expect(statSync(copy).mode & 0o777).toBe(0o700);
  expect(statSync(join(copy, "mongodb.archive.gz")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(copy, "env"), "utf8")).toBe(envFile);
  expect(await messagesIn(join(copy, "mongodb.archive.gz"))).toBe(1);
  expect(docker.containers(prefix).sort()).toEqual(["itak-mongodb-shared", "itak-rocketchat"]);
  expect(readFileSync(join(clone.directory, "Pulumi.local.yaml"), "utf8")).toMatch(
    /storage: GridFS # FileUpload_Storage_Type, from the workspace's own settings/,
  );
  expect(readFileSync(join(clone.directory, "Pulumi.local.yaml"), "utf8")).toMatch(
    /rocketchat:registrationToken:\n +secure: /,
  );
  for (const file of [`${opt}/secrets/admin-password`, `/opt/${prefix}mongodb-shared/secrets/root-password`])
    expect([existsSync(`${file}.generation`), statSync(file).mode & 0o777]).toEqual([true, 0o400]);
  expect(readFileSync(`${opt}/secrets/admin-password`, "utf8")).toMatch(/^UNCHANGED-BY-ADOPTION-\w{32}$/);
});

it("killed in the middle of the hand-over, the next up keeps messages, files and the administrator", async () => {
  await killedWhen(clone, ["up"], "", () =>
    docker.containers(prefix).includes("itak-mongodb-shared-before-adoption"),
  );
  expect(JSON.parse(readFileSync(`${opt}/adoption.json`, "utf8"))).toMatchObject({ state: "planned" });

  const run = await up(clone);

  expect(run.output).toContain("The workspace is taken over.");
  expect(run.output).toContain(
    "docker rm itak-rocketchat-before-adoption itak-mongodb-shared-before-adoption",
  );
  await expectEverythingKept(newSite(clone, ports), password, path);
  expect(
    docker.inspect(
      "itak-rocketchat-before-adoption",
      "{{.State.Running}} {{.HostConfig.RestartPolicy.Name}}",
    ),
  ).toBe("false no");
});

it("has nothing left to do", async () => {
  await clone.pulumi("preview", "--expect-no-changes");
  const again = await clone.npm("adopt", accepted, "local\n");
  expect(again.status).toBe(1);
  expect(again.output).toContain("stack local: is taken over already (done)");
});

/** Starts a command in a process group of its own and kills the whole group as soon as the condition holds. */
async function killedWhen(
  clone: Clone,
  command: string[],
  input: string,
  holds: () => boolean,
): Promise<void> {
  const child: ChildProcess = spawn("npm", ["run", "--silent", ...command], {
    cwd: clone.directory,
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin!.on("error", () => undefined); // it ended without reading; its status says why
  child.stdin!.end(input);
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  try {
    for (const deadline = Date.now() + 120_000; !holds();) {
      if (child.exitCode !== null) throw new Error(`${command[0]} ended before (status ${child.exitCode})`);
      if (Date.now() > deadline) throw new Error(`${command[0]}: not within 120 s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    if (child.exitCode === null) process.kill(-child.pid!, "SIGKILL");
    await ended;
  }
}

async function messagesIn(archive: string): Promise<number> {
  const name = `${prefix}restore`;
  docker.run(
    "run",
    "--detach",
    "--name",
    name,
    "--network=none",
    "--volume",
    `${archive}:/dump:ro`,
    labImages().mongo,
  );
  try {
    await until("mongod answers", () =>
      Promise.resolve(docker.run("exec", name, "mongosh", "--quiet", "--eval", "db.hello().ok")),
    );
    docker.run("exec", "--user", "0", name, "mongorestore", "--quiet", "--gzip", "--archive=/dump");
    const eval_ = "db.getSiblingDB('rocketchat').rocketchat_message.countDocuments({msg: 'written by hand'})";
    return Number(docker.run("exec", name, "mongosh", "--quiet", "--eval", eval_));
  } finally {
    docker.run("rm", "--force", "--volumes", name);
  }
}
