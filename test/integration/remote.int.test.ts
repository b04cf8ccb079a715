import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { DockerCli, lines } from "./engine";
import { RemoteHost } from "./remote-host";
import { type Group, listen, merge, ok, onHost, onPorts, RemoteStacks } from "./remote-stacks";
import { Site, until } from "./site";

// A server that is reached by ssh as a user who is not root, from a machine that has no engine of its own.
const docker = new DockerCli();
const host = new RemoteHost("itx-deploy", 31922, 31923);
const stacks = new RemoteStacks(host);
const { clone, env, npm, up, pulumi } = stacks;
const harsh = ["MaxStartups 3:100:3"];
const chat = "itx-rocketchat";
let site: Site;

const server = { "rocketchat:prefix": "itx-", ...onPorts(22080) };

beforeAll(async () => {
  await host.start(harsh);
  await stacks.writeSettings("server", server);
  await ok(pulumi("server", "stack", "init", "server"));
});

afterAll(async () => {
  await host.remove();
  for (const name of docker.containers("itx")) docker.run("rm", "--force", name);
  for (const name of docker.networks("itx")) docker.run("network", "rm", name);
  docker.forget("itx");
  for (const prefix of ["itx-", "itxf-"])
    for (const part of ["rocketchat", "mongodb-shared", "traefik"])
      rmSync(`/opt/${prefix}${part}`, { recursive: true, force: true });
  stacks.remove();
});

describe("a stack on a server, while sshd lets three log in at once", () => {
  it("is refused while the host key is not known, and told how to add it", async () => {
    const refused = await up("server");

    expect(refused.status).not.toBe(0);
    expect(refused.output).toContain(
      `engine: must have a host key that is known here (it is not) (got ${host.engine}); ` +
        `run ssh itx-deploy@chat-server true once, compare the key that it shows with the server's, and accept it`,
    );
    expect(onHost("itx-")).toEqual({ containers: [], networks: [], directories: [] });
  });

  it("comes up from nothing, over a few connections, without one that sshd drops", async () => {
    host.trustHostKey();
    await ok(up("server"));

    const root = readFileSync("/opt/itx-traefik/acme/test-ca-root.pem", "utf8");
    site = new Site("chat.localhost", 22080, 22443, root);
    const admin = await site.login("admin", (await adminPassword()).trim());
    await admin.post("over ssh");
    const { opened, dropped, sessions } = host.connections();
    console.log(`from nothing to ready: ${opened} connections for ${sessions} sessions`);
    expect({ opened: opened < 12, dropped }).toEqual({ opened: true, dropped: 0 });
  });

  it("changes nothing the second time, and a refresh finds nothing", async () => {
    const before = docker.containers("itx-").map((name) => docker.id(name));
    const again = await ok(up("server"));

    console.log(`up with no change: ${again.tookMs} ms`);
    expect(again.output).toMatch(/Resources:\s+\d+ unchanged\s/);
    await ok(pulumi("server", "preview", "--expect-no-changes"));
    await ok(pulumi("server", "refresh", "--preview-only", "--expect-no-changes"));
    expect(docker.containers("itx-").map((name) => docker.id(name))).toEqual(before);
  });

  it("gets a changed setting", async () => {
    const before = docker.id(chat);
    await stacks.writeSettings("server", merge(server, { "rocketchat:uploads": { maxSize: "3 MiB" } }));
    await ok(up("server"));

    expect(docker.id(chat)).not.toBe(before);
    expect(docker.run("exec", chat, "cat", "/app/.env")).toContain(
      "OVERWRITE_SETTING_FileUpload_MaxFileSize='3145728'",
    );
    expect(host.connections().dropped).toBe(0);
  });

  it("keeps its data when it is taken down, and up finds them", async () => {
    const password = await adminPassword();
    await ok(npm("down", "server", "--yes", "--skip-preview"));
    expect(docker.containers("itx-")).toEqual([]);

    await ok(up("server"));
    expect(await adminPassword()).toBe(password);
    const admin = await until("the workspace answers", () => site.login("admin", password.trim()));
    expect(await admin.messages()).toContain("over ssh");
  });

  it("comes up again when sshd has been restarted with its own limits meanwhile", async () => {
    await host.serve([]);
    await ok(up("server"));
    expect(host.connections().dropped).toBe(0);
  });

  /** The PATH of a shell, without what npm run puts before it. */
  const plainPath = process.env["PATH"]!.split(":")
    .filter((path) => !path.endsWith("/scripts/ssh"))
    .join(":");

  it("works under plain pulumi, a few at a time, within the limits that sshd comes with", async () => {
    await host.serve([]);
    const args = ["up", "--stack", "server", "--yes", "--skip-preview", "--refresh", "--parallel", "4"];
    await ok(host.run(clone, ["pulumi", ...args], { ...env, PATH: plainPath }));
    const { opened, dropped } = host.connections();
    console.log(`plain pulumi up --refresh --parallel 4: ${opened} connections, ${dropped} dropped`);
    expect(dropped).toBe(0);
  });

  it("lets the steps share a connection under plain pulumi as well", async () => {
    await host.serve([]);
    const { config } = parse(readFileSync(join(clone.directory, "Pulumi.server.yaml"), "utf8")) as {
      config: Group;
    };
    const step = {
      DOCKER_HOST: host.engine,
      HELPER_IMAGE: String(config["rocketchat:helperImage"]),
      MOUNT: "/opt/itx-traefik",
      DIRECTORY: "/opt/itx-traefik",
      OWNER: "0:0",
      MODE: "0755",
      PASS: "DIRECTORY OWNER MODE",
      PATH: plainPath,
    };
    for (let i = 0; i < 3; i++)
      await ok(host.run(clone, ["sh", "scripts/host/helper.sh", "scripts/host/directory.sh"], step));

    expect(host.connections().opened).toBe(1);
    expect(host.connections().sessions).toBeGreaterThan(3);
  });

  async function adminPassword(): Promise<string> {
    return (await ok(pulumi("server", "stack", "output", "adminPassword", "--show-secrets"))).stdout;
  }
});

describe("before anything is changed", () => {
  const fault = { "rocketchat:prefix": "itxf-", ...onPorts(20180) };
  beforeAll(async () => {
    await stacks.writeSettings("fault", fault);
    await ok(pulumi("fault", "stack", "init", "fault"));
  });

  describe("all that is in the way on the host", () => {
    const small = "/opt/itxf-mongodb-shared";
    const web = createServer();
    let settings: Group;

    beforeAll(async () => {
      await stacks.writeSettings("fault", fault);
      settings = (
        parse(readFileSync(join(clone.directory, "Pulumi.fault.yaml"), "utf8")) as { config: Group }
      ).config;
      const helper = String(settings["rocketchat:helperImage"]);
      await listen(web, 20180);
      docker.run(
        "run",
        "--detach",
        "--name",
        "itxf-web",
        "--publish",
        "127.0.0.1:20543:80",
        helper,
        "sleep",
        "600",
      );
      docker.run("create", "--name", "itxf-rocketchat", helper, "true");
      docker.run("network", "create", "itxf-edge");
      mkdirSync("/opt/itxf-rocketchat/uploads", { recursive: true });
      writeFileSync("/opt/itxf-rocketchat/uploads/photo.jpg", "somebody's");
      mkdirSync(small);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", small]);
      loadImage("itxf/mongo:6.0.5", "arm64");
      await stacks.writeSettings(
        "fault",
        merge(fault, { "rocketchat:mongo": { image: "itxf/mongo:6.0.5" } }),
      );
    });

    afterAll(() => {
      web.close();
      execFileSync("umount", [small]);
      docker.run("image", "rm", "itxf/mongo:6.0.5");
    });

    it("is named at once, a line each with its fix, and left as it is", async () => {
      const before = onHost("itxf-");
      const refused = await up("fault");

      expect(refused.status).not.toBe(0);
      const said = lines(refused.output);
      const problems = said.slice(
        said.findIndex((line) => line.includes("rocketchat, stack fault: 7 problems on the engine")),
      );
      for (const expected of [
        /mongo\.image +must be built for the engine's processor, amd64 \(got itxf\/mongo:6\.0\.5 for arm64\); remove it/,
        /prefix +must leave the container name itxf-rocketchat to this stack \(got one that no stack made\); npm run adopt/,
        /prefix +must leave the network name itxf-edge to this stack \(got one that no stack made\); remove it/,
        /ingress\.httpPort +must be free on the host for Traefik, 20180 on 127\.0\.0\.1 \(got a process of the host, user 0 on 127\.0\.0\.1\); .*ss -ltnp/,
        /ingress\.httpsPort +must be free on the host for Traefik, 20543 on 127\.0\.0\.1 \(got the container itxf-web\); stop it/,
        /directory +must hold nothing, or what this project put there \(got \/opt\/itxf-rocketchat\/uploads with photo\.jpg, .*npm run adopt/,
        /mongo\.directory +must have 512 MiB free on its disk: .* \(got 64 MiB on the disk of \/opt\/itxf-mongodb-shared\/data\); make room/,
      ]) {
        expect(
          problems.filter((line) => expected.test(line)),
          `${expected}\n${refused.output}`,
        ).toHaveLength(1);
      }
      expect(onHost("itxf-")).toEqual(before);
    });

    it("does not matter to a preview, which asks no engine", async () => {
      expect((await ok(pulumi("fault", "preview"))).output).toMatch(/\+ \d+ to create/);
    });
  });
});

/** Puts an empty image for another processor on the engine. */
function loadImage(name: string, architecture: string): void {
  const directory = mkdtempSync(join(tmpdir(), "itx-image-"));
  const tar = (...args: string[]) => execFileSync("tar", ["--create", "--directory", directory, ...args]);
  const layer = tar("--files-from", "/dev/null");
  const diff = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
  const config = { architecture, os: "linux", config: {}, rootfs: { type: "layers", diff_ids: [diff] } };
  writeFileSync(join(directory, "layer.tar"), layer);
  writeFileSync(join(directory, "config.json"), JSON.stringify(config));
  writeFileSync(
    join(directory, "manifest.json"),
    JSON.stringify([{ Config: "config.json", RepoTags: [name], Layers: ["layer.tar"] }]),
  );
  execFileSync("docker", ["load"], {
    input: tar("manifest.json", "config.json", "layer.tar"),
    stdio: "pipe",
  });
  rmSync(directory, { recursive: true });
}
