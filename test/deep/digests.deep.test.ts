import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureImages } from "../../machine/images";
import { Clone } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { Registry } from "./registry";

// Every image as `repository:tag@sha256:…` with a tag that moves, from a registry: the tests build on each other.
const docker = new DockerCli();
const apart = { prefix: "itdg-", httpPort: 26097, httpsPort: 26497 };
const registry = new Registry(26098);
const clone = new Clone("digests", { IMAGES: "official" });
const from: Record<string, string> = {};
let helper: string;

async function succeed(script: string, ...args: string[]): Promise<string> {
  const done = await clone.npm(script, args);
  expect(done.status, done.output).toBe(0);
  return done.output;
}

const running = () =>
  docker
    .containers(apart.prefix)
    .map((name) => `${name} ${docker.inspect(name, "{{.Id}} {{.State.StartedAt}}")}`);

/** The registry answers in this process, so nothing may hold it up meanwhile. */
async function publish(name: string, image: string): Promise<string> {
  const tagged = `127.0.0.1:${registry.port}/${name}:latest`;
  docker.run("tag", image, tagged);
  const pushed = await clone.run("docker", ["push", tagged]);
  docker.run("image", "rm", tagged);
  expect(pushed.status, pushed.output).toBe(0);
  const [, digest] = /digest: (sha256:[0-9a-f]{64})/.exec(pushed.output)!;
  return `${tagged}@${digest}`;
}

beforeAll(async () => {
  const images = (await ensureImages(process.env["DOCKER_HOST"]!))!;
  helper = images.busybox;
  await registry.listen();
  for (const [name, image] of Object.entries(images)) from[name] = await publish(name, image as string);
  clone.setApart(apart);
  clone.configure(
    [["rocketchat:helperImage"], from["busybox"]],
    [["rocketchat:rocketchat", "image"], from["rocketchat"]],
    [["rocketchat:rocketchat", "bypassMongoValidation"], true],
    [["rocketchat:mongo", "image"], from["mongo"]],
    [["rocketchat:ingress", "image"], from["traefik"]],
    [["rocketchat:ingress", "acme", "testCaImage"], from["pebble"]],
    [["rocketchat:backup"], { repository: `/opt/${apart.prefix}repository`, resticImage: from["restic"] }],
  );
}, 600_000);

afterAll(async () => {
  await clone.npm("down", ["--delete-data"], "local\n");
  docker.shell(helper, `rm -rf /opt/${apart.prefix}*`, "--network", "none", "--volume", "/opt:/opt");
  docker.forget(apart.prefix);
  for (const image of Object.values(from)) await clone.run("docker", ["image", "rm", image]); // this name of it
  clone.remove();
  registry.close();
});

it("a first deployment fetches them, and a second one has nothing to do", { timeout: 600_000 }, async () => {
  await succeed("up");
  const images = docker.containers(apart.prefix).map((name) => docker.inspect(name, "{{.Config.Image}}"));
  expect(images.sort()).toEqual(
    [from["rocketchat"], from["mongo"], from["mongo"], from["traefik"], from["pebble"]].sort(), // the backup's is MongoDB's
  );
  const second = await succeed("up");
  expect(second).not.toMatch(/updated|created|replaced/);
  await clone.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
});

it("status, a backup, its drill and a restore take them", { timeout: 900_000 }, async () => {
  await succeed("status");
  await succeed("backup");
  await succeed("drill");
  const restored = await clone.npm("restore", ["latest"], "local\n");
  expect(restored.status, restored.output).toBe(0);
});

it("a lost state is rebuilt from them, and nothing is restarted", { timeout: 600_000 }, async () => {
  const before = running();
  rmSync(join(clone.directory, ".state/local"), { recursive: true });
  expect(await succeed("recover")).toContain("its state was rebuilt; nothing was restarted");
  expect(running()).toEqual(before);
  await clone.pulumi("preview", "--expect-no-changes");
});
