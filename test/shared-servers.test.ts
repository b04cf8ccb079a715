import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseSettings } from "../settings/parse";
import { sharedServers } from "../preflight/shared-servers";
import { stubDocker } from "./fixtures";
import { find, type Node, plain, visibleText } from "./graph";
import { programWith, waitsFor } from "./program";
import { stackConfig } from "./settings-stack-file";

const least = {
  hostname: "second.example.org",
  prefix: "second-",
  helperImage: "busybox:1.37.0",
  rocketchat: '{"version":"8.8.1"}',
};
const mongo = JSON.stringify({
  mode: "existing",
  version: "8.0.20",
  network: "their-data",
  hostname: "their-mongo",
  database: "second",
  user: "second",
  admin: "boss",
});
const door = {
  mode: "existing",
  network: "their-edge",
  address: "their-traefik:8443",
  entryPoints: "secure",
};
const file = JSON.stringify({
  ...door,
  render: "file",
  dynamicDirectory: "/srv/dynamic",
  certResolver: "le",
});
const labels = JSON.stringify({ ...door, render: "labels" });
const secrets = { mongoAdminPassword: "their-boss's-password" };

const borrower = (ingress: string) => programWith({ ...least, mongo, ingress }, secrets);
const named = (graph: Node[], type: string) =>
  graph.filter((node) => node.type.endsWith(`:${type}`)).map(({ name }) => name);
const labelsOf = (graph: Node[]) => {
  const { inputs } = find(graph, "Container", "rocketchat");
  return Object.fromEntries(
    (inputs["labels"] as { label: string; value: string }[]).map(({ label, value }) => [label, value]),
  );
};

describe("a workspace on servers that others run", () => {
  let graph: Node[];
  beforeAll(async () => {
    graph = await borrower(file);
  });

  it("runs Rocket.Chat alone, on their networks", () => {
    expect(named(graph, "Container")).toEqual(["rocketchat"]);
    expect(named(graph, "Network")).toEqual([]);
    expect(named(graph, "RemoteImage").sort()).toEqual(["helper-image", "mongo-image", "rocketchat-image"]);
    const networks = find(graph, "Container", "rocketchat").inputs["networksAdvanced"] as { name: string }[];
    expect(networks.map(({ name }) => name)).toEqual(["their-data", "their-edge"]);
  });

  it("looks at their MongoDB from its network, then makes one marked user there", () => {
    const check = find(graph, "Command", "mongo-check");
    expect(check.inputs["environment"]).toMatchObject({
      IMAGE: "mongo:8.0.20",
      NETWORK: "their-data",
      HOSTNAME: "their-mongo",
      SUPPORTED: "8.0",
      WORKSPACE: "second-rocketchat",
    });
    const user = find(graph, "Command", "database-user");
    expect(user.inputs["environment"]).toMatchObject({
      ADDRESS: "their-mongo:27017/?replicaSet=rs0",
      ADMIN: "boss",
      NETWORK: "their-data",
      UNMARKED_IS_OURS: "false",
      WORKSPACE: "second-rocketchat",
    });
    expect(waitsFor(user)).toContain("mongo-check");
    expect(String(plain(user.inputs)["stdin"])).toContain(secrets.mongoAdminPassword);
    expect(String(plain(find(graph, "Command", "rocketchat-env").inputs)["stdin"])).toContain(
      "@their-mongo:27017/second?replicaSet=rs0&authSource=second",
    );
  });

  it("shows their administrator's password nowhere", () => {
    expect(visibleText(graph)).not.toContain(secrets.mongoAdminPassword);
  });

  it("waits at their Traefik's inner port", () => {
    expect(find(graph, "Command", "rocketchat-gate").inputs["environment"]).toMatchObject({
      GATE_ADDRESS: "their-traefik",
      GATE_PORT: "8443",
    });
  });

  it("is one marked file in their directory, which is neither made nor owned, and goes with the stack", () => {
    const { inputs } = find(graph, "Command", "rocketchat-route");
    const text = String(plain(inputs)["stdin"]);

    expect(inputs["environment"]).toMatchObject({
      FILE: "/srv/dynamic/second-rocketchat.yml",
      MODE: "0644",
      MOUNT_EXISTS: "yes",
      MARK: text.split("\n")[0],
    });
    expect(inputs["environment"]).not.toHaveProperty("OWNER");
    expect(inputs["delete"]).toBe("sh scripts/host/undo.sh scripts/host/remove-file.sh");
    expect(inputs["triggers"]).toEqual(["/srv/dynamic/second-rocketchat.yml"]);
    expect((parse(text) as { http: { routers: object } }).http.routers).toEqual({
      "second-rocketchat-too-large": expect.objectContaining({ entryPoints: ["secure"] }) as unknown,
      "second-rocketchat": {
        rule: "Host(`second.example.org`)",
        entryPoints: ["secure"],
        middlewares: ["second-rocketchat-headers", "second-rocketchat-hold"],
        service: "second-rocketchat",
        tls: { certResolver: "le" },
      },
    });
    expect(Object.keys(labelsOf(graph)).filter((label) => label.startsWith("traefik"))).toEqual([]);
  });

  it("says the same in labels, and then has neither file nor generation", async () => {
    const labelled = await borrower(labels);

    const router = "traefik.http.routers.second-rocketchat";
    expect(labelsOf(labelled)).toMatchObject({
      "traefik.enable": "true",
      "traefik.docker.network": "their-edge",
      [`${router}.rule`]: "Host(`second.example.org`)",
      [`${router}.entryPoints`]: "secure",
      [`${router}.middlewares`]: "second-rocketchat-headers,second-rocketchat-hold",
      [`${router}.tls`]: "true",
      [`${router}-too-large.middlewares`]: "second-rocketchat-headers,second-rocketchat-limit",
      "traefik.http.middlewares.second-rocketchat-limit.buffering.maxRequestBodyBytes": "104923136",
      "traefik.http.services.second-rocketchat.loadBalancer.server.port": "3000",
      "traefik.http.middlewares.second-rocketchat-hold.retry.attempts": "240",
    });
    const route = find(labelled, "Command", "rocketchat-route");
    expect(route.inputs).toMatchObject({ create: "true", triggers: ["labels"] });
    expect(route.opts.deleteBeforeReplace).toBe(true);
    const networks = find(labelled, "Container", "rocketchat").inputs["networksAdvanced"] as object[];
    expect(networks[1]).toEqual({ name: "their-edge", aliases: ["second-rocketchat"] });
  });

  it("lends nothing, so nothing guards a loan", () => {
    expect(named(graph, "Command").filter((name) => name.startsWith("loan-guard"))).toEqual([]);
  });
});

it("takes servers that others run as they answer", async () => {
  stubDocker();
  const config = { ...least, mongo, ingress: file, ...secrets };
  const settings = parseSettings({ stack: "second", config, secretKeys: new Set(Object.keys(secrets)) });

  const given = { ...settings, secrets: { mongoAdminPassword: pulumi.secret(secrets.mongoAdminPassword) } };
  await expect(sharedServers(given)).resolves.toBeUndefined();
});

describe("the loan guard", () => {
  it("stands before everything that a borrower uses, and before its networks are made anew", async () => {
    const graph = await programWith(stackConfig("local"));

    for (const role of ["data", "edge"]) {
      const guard = find(graph, "Command", `loan-guard-${role}`);
      expect(waitsFor(guard)).toEqual([
        "networks",
        "storage",
        "mongo",
        "database",
        "traefik",
        "test-ca",
        "rocketchat",
        "workspace",
      ]);
      expect(guard.opts.deleteBeforeReplace).toBe(true);
      expect(guard.inputs).toMatchObject({
        delete: "sh scripts/host/refuse-while-lent.sh",
        triggers: [`${role}-id`],
      });
      expect(guard.inputs["environment"]).toMatchObject({
        NETWORKS: "local-data local-edge",
        CONTAINERS:
          "local-rocketchat local-mongodb-shared local-traefik local-test-ca local-rocketchat-backup",
      });
    }
  });
});
