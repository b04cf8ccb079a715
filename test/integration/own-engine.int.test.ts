import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Clone } from "./clone";
import { OwnEngine } from "./own-engine";
import { Site, until } from "./site";

// A host of its own: the ports are those of a real server.
const apart = { prefix: "itr-", httpPort: 80, httpsPort: 443 };
const engine = new OwnEngine("itr-engine");
const clone = new Clone("engine-restart", { DOCKER_HOST: engine.host });

beforeAll(async () => {
  await engine.start();
  clone.setApart(apart);
  clone.configure([["rocketchat:ingress", "bind"], undefined], [["rocketchat:ingress", "bindIPv6"], "::"]);
  const up = await clone.npm("up");
  if (up.status !== 0) throw new Error(up.output);
});

afterAll(async () => {
  await clone.npm("down", ["--delete-data"], "local\n");
  await engine.remove();
  execFileSync("rm", ["-rf", "/opt/itr-rocketchat", "/opt/itr-mongodb-shared", "/opt/itr-traefik"]);
  clone.remove();
});

it("answers over IPv4 and IPv6, on 80 and 443 and on nothing else", async () => {
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  for (const address of ["127.0.0.1", "::1"]) {
    const site = new Site("chat.localhost", 80, 443, root, engine.forward(443, address));
    await until(`the workspace answers on ${address}`, () => site.json("GET", "/api/info"));
  }

  expect(engine.portsFromOutside()).toEqual({ ipv4: [80, 443], ipv6: [80, 443] });
});

it("finds neither a change nor a drift in its four ports", async () => {
  await clone.pulumi("preview", "--expect-no-changes");
  await clone.pulumi("refresh", "--preview-only", "--expect-no-changes");
});

it("after a restart of the engine everything returns by itself, with every acknowledged message", async () => {
  const root = readFileSync(join(clone.directory, ".state/local/test-ca-root.pem"), "utf8");
  const site = new Site(
    "chat.localhost",
    apart.httpPort,
    apart.httpsPort,
    root,
    engine.forward(apart.httpsPort),
  );
  const password = await clone.pulumi("stack", "output", "adminPassword", "--show-secrets");
  const admin = await until("the workspace answers", () => site.login("admin", password));
  await admin.post("before the engine stopped");

  await engine.stop();
  await expect(site.request("GET", "/api/info")).rejects.toThrow();
  await engine.start();

  const again = await until("the workspace answers again", () => site.login("admin", password));
  expect(await again.messages()).toContain("before the engine stopped");
  await again.post("after the engine started");
  await clone.pulumi("preview", "--expect-no-changes");
  await until("nothing has drifted", () => clone.pulumi("refresh", "--preview-only", "--expect-no-changes"));
});
