import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { RocketChat } from "../components/chat/rocketchat";
import { readsOplog } from "../settings/rocketchat-versions";
import { ByteSize, Duration } from "../settings/units";
import { anEngine, aResource, aSecret, resources } from "./fixtures";
import { find, graphOf, plain, valueOf, visibleText } from "./graph";
import { waitsFor } from "./program";

function rocketChat(tag = "8.5.3", note: (what: string) => void = () => undefined): RocketChat {
  const engine = anEngine();
  return new RocketChat("rocketchat", {
    engine,
    image: engine.pull("rocketchat", `rocketchat/rocket.chat:${tag}`),
    containerName: "two-rocketchat",
    hostname: "chat.example.org",
    url: "https://chat.example.org",
    port: 3002,
    maxUpload: ByteSize.mebibytes(100),
    environment: { ADMIN_PASS: aSecret("admin"), OVERWRITE_SETTING_Site_Url: "https://chat.example.org" },
    directory: "/opt/rocketchat",
    secretsDirectory: "/opt/rocketchat/secrets",
    mounts: {
      uploads: { hostPath: "/opt/rocketchat/uploads", ready: aResource("uploads") },
      data: { hostPath: "/opt/rocketchat/data", ready: aResource("data") },
    },
    network: "data",
    ingress: {
      network: pulumi.output("edge"),
      address: "traefik",
      httpsPort: 443,
      ready: [aResource("ingress")],
      publish: (name, route, { parent, after }) => {
        note(`${name} ${route.hostname} ${route.port} after ${after.map(nameOf).join(" ")}`);
        const ready = [new pulumi.ComponentResource("test:Route", name, {}, { parent })];
        return { ready, aliases: [route.server], labels: {} };
      },
    },
    resources,
    stopGrace: Duration.seconds(30),
    after: [aResource("database")],
  });
}

const nameOf = (resource: pulumi.Resource) => (resource as unknown as { __name: string }).__name;
const aliasesOf = async (tag: string) => {
  const { inputs } = find(await graphOf(() => rocketChat(tag)), "Container", "rocketchat");
  return (inputs["networksAdvanced"] as { aliases: string[] }[])[1]!.aliases;
};

describe("RocketChat", () => {
  it("runs on its file, with the image's own variables taken away", async () => {
    const graph = await graphOf(() => rocketChat());

    const { inputs } = find(graph, "Container", "rocketchat");
    expect((inputs["command"] as string[]).join(" ")).toBe(
      "env -u MONGO_URL -u ROOT_URL -u PORT node --env-file=/app/.env main.js",
    );
    expect(inputs["envs"]).toEqual([]);
    expect(inputs["ports"]).toEqual([]);
    expect(inputs["volumes"]).toContainEqual({
      hostPath: "/opt/rocketchat/.env",
      containerPath: "/app/.env",
      readOnly: true,
    });
    expect(plain(find(graph, "Command", "rocketchat-env").inputs)["stdin"]).toBe(
      "ADMIN_PASS='host-admin'\nOVERWRITE_SETTING_Site_Url='https://chat.example.org'\nPORT='3002'\nROOT_URL='https://chat.example.org'\n",
    );
    expect(visibleText(graph)).not.toMatch(/host-admin|proposed-admin/);
  });

  it("leaves the key of its fingerprint on the host, so that a lost state can be rebuilt", async () => {
    const graph = await graphOf(() => rocketChat());

    const { inputs } = find(graph, "Command", "rocketchat-env-fingerprint");
    expect(inputs["environment"]).toMatchObject({
      FILE: "/opt/rocketchat/secrets/env-fingerprint-key",
      MODE: "0400",
      OWNER: "0:0",
    });
    expect(plain(inputs)["stdin"]).toBe("proposed-rocketchat-env-fingerprint");
    expect(visibleText(graph)).not.toContain("proposed-");
  });

  it("answers to its generation, which changes with the image", async () => {
    const [name, generation] = await aliasesOf("8.5.3");

    expect(name).toBe("two-rocketchat");
    expect(generation).toMatch(/^two-rocketchat-[0-9a-f]{12}$/);
    expect((await aliasesOf("8.5.3"))[1]).toBe(generation);
    expect((await aliasesOf("8.5.4"))[1]).not.toBe(generation);
  });

  it("moves the route once everything it needs is there, and is replaced after that", async () => {
    const published: string[] = [];
    const graph = await graphOf(() => rocketChat("8.5.3", (what) => published.push(what)));

    expect(published).toEqual([
      "rocketchat-route chat.example.org 3002 after rocketchat-image rocketchat-env-fingerprint rocketchat-env uploads data",
    ]);
    const { opts } = find(graph, "Container", "rocketchat");
    expect((opts.dependsOn as pulumi.Resource[]).map(nameOf)).toEqual([
      "rocketchat-image",
      "rocketchat-route",
    ]);
  });

  it("hands out its address only once it answers through the front door, asked again for every container", async () => {
    let chat!: RocketChat;
    const graph = await graphOf(() => (chat = rocketChat()));

    expect(find(graph, "Command", "rocketchat-gate").inputs["environment"]).toMatchObject({
      GATE_ADDRESS: "traefik",
      GATE_HOSTNAME: "chat.example.org",
      CONTAINER_ID: "rocketchat-id",
    });
    expect(await valueOf(chat.url)).toBe("https://chat.example.org");
    expect(nameOf(chat.ready)).toBe("rocketchat-wizard");
    expect(waitsFor(find(graph, "Command", "rocketchat-wizard"))).toContain("rocketchat-gate");
  });

  it("looks at the setup wizard once, and again with another image only: no other change restarts it a second time", async () => {
    const wizard = async (tag: string) =>
      find(await graphOf(() => rocketChat(tag)), "Command", "rocketchat-wizard").inputs[
        "environment"
      ] as Record<string, string>;

    const first = await wizard("8.8.1");
    expect(first).toMatchObject({ CONTAINER: "two-rocketchat", PORT: "3002", STOP_SECONDS: "30" });
    expect(first).not.toHaveProperty("CONTAINER_ID");
    expect(await wizard("8.8.2")).toEqual({ ...first, IMAGE: "rocketchat/rocket.chat:8.8.2" });
  });
});

describe("what depends on Rocket.Chat's version", () => {
  it.each([
    ["6.13.1", true],
    ["7.11.0", true],
    ["8.0.0", false],
    ["9.0.0", false],
  ])("%s reads the oplog: %s", (version, oplog) => expect(readsOplog(version)).toBe(oplog));

  it.each(["7.10.2", "7.11.0", "8.3.0", "8.5.3", "9.0.0"])(
    "%s is healthy by what neither load nor a lost database fails",
    async (tag) => {
      const { inputs } = find(await graphOf(() => rocketChat(tag)), "Container", "rocketchat");
      expect((inputs["healthcheck"] as { tests: string[] }).tests.at(-1)).toBe(
        "http://127.0.0.1:3002/health",
      );
    },
  );
});
