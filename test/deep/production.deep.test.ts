import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isMap, parseDocument } from "yaml";
import { ensureImages } from "../../machine/images";
import { Clone } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { type Session, Site, until } from "../integration/site";

// The tracked settings of production as they are, but for what names their server and its images, and a bot: on a Rocket.Chat that
// asks tokens for the second factor as 8.5 does, and on one of the ways of the pinned release.
const docker = new DockerCli();
const hostname = "chat.localhost";

describe.each([
  ["8.5.3", { prefix: "itpr-", httpPort: 26095, httpsPort: 26495 }],
  ["8.8.1", { prefix: "itpra-", httpPort: 26096, httpsPort: 26496 }],
])("the first up of Pulumi.prod.yaml's settings on a Rocket.Chat like %s", (version, apart) => {
  const image = `lab/rocketchat-like:${version}`;
  const clone = new Clone("production", { ROCKETCHAT_IMAGE: image });
  const container = `${apart.prefix}rocketchat`;
  let site: Site;
  let admin: Session;

  beforeAll(async () => {
    const images = (await ensureImages(process.env["DOCKER_HOST"]!))!;
    docker.run("create", "--name", `${apart.prefix}like`, images.rocketchat);
    docker.run("commit", "--change", `ENV STANDIN_BEHAVES_LIKE=${version}`, `${apart.prefix}like`, image);
    docker.run("rm", `${apart.prefix}like`);

    const settings = parseDocument(readFileSync(join(clone.directory, "Pulumi.prod.yaml"), "utf8"));
    const set = (path: string[], value: unknown) => settings.setIn(["config", ...path], value);
    const config = settings.get("config");
    if (!isMap(config)) throw new Error("Pulumi.prod.yaml: has no config");
    for (const key of ["rocketchat:engine", "rocketchat:directory"]) config.delete(key);
    set(["rocketchat:hostname"], hostname);
    set(["rocketchat:prefix"], apart.prefix);
    set(["rocketchat:backup", "repository"], `/opt/${apart.prefix}repository`);
    set(["rocketchat:mongo", "hostname"], `${apart.prefix}mongodb-shared`);
    set(["rocketchat:ingress", "bind"], "127.0.0.1");
    set(["rocketchat:ingress", "httpPort"], apart.httpPort);
    set(["rocketchat:ingress", "httpsPort"], apart.httpsPort);
    set(["rocketchat:ingress", "drain"], "1 second");
    set(["rocketchat:ingress", "acme", "server"], "test-ca");
    set(["rocketchat:workspace", "bots"], settings.createNode({ reporter: { token: 1 } }));
    writeFileSync(join(clone.directory, "Pulumi.local.yaml"), String(settings));
    clone.commit();
  });

  afterAll(async () => {
    await clone.npm("down", ["--delete-data"], "local\n");
    clone.remove();
    docker.run("image", "rm", "--force", image);
  });

  it("ends well, and a second one has nothing to do", { timeout: 600_000 }, async () => {
    const first = await clone.npm("up");
    expect(first.status, first.output).toBe(0);
    const second = await clone.npm("up");
    expect(second.status, second.output).toBe(0);
    expect(second.output).toMatch(/\d+ unchanged/);
    expect(second.output).not.toMatch(/updated|created|replaced/);

    const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
    site = new Site(hostname, apart.httpPort, apart.httpsPort, root);
    const password = await clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
    admin = await site.login("admin", password);
  });

  it("leaves its administrator no setup wizard and no question about the workspace", async () => {
    const told = async (id: string) =>
      (
        await site.json<{ settings: { value: unknown }[] }>("GET", `/api/v1/settings.public?_id=${id}`)
      ).settings.map(({ value }) => value);
    expect(await told("Show_Setup_Wizard")).toEqual(["completed"]);
    expect(await told("Deployment_FingerPrint_Verified")).toEqual([true]);
  });

  it("has made the workspace's settings and its bot", async () => {
    const value = async (id: string) =>
      (await site.json<{ value: unknown }>("GET", `/api/v1/settings/${id}`, { headers: admin.headers }))
        .value;
    expect(await value("Language")).toBe("fr");
    expect(await value("Accounts_RegistrationForm")).toBe("Disabled");
    const { user } = await site.json<{ user: { active: boolean; roles: string[] } }>(
      "GET",
      "/api/v1/users.info?username=reporter",
      { headers: admin.headers },
    );
    expect(user).toMatchObject({ active: true, roles: ["bot", "user"] });
    const tokens = JSON.parse(
      await clone.pulumi("stack", "output", "botTokens", "--show-secrets", "--json"),
    ) as Record<string, unknown>;
    expect(Object.keys(tokens)).toEqual(["reporter"]);
  });

  it("is healthy to its engine, which asks what does not flap", async () => {
    const health = () => docker.inspect(container, "{{.State.Health.Status}}");
    await until("it is healthy", () => Promise.resolve(expect(health()).toBe("healthy")));
    expect(docker.inspect(container, "{{json .Config.Healthcheck.Test}}")).toContain("/health");
  });
});
