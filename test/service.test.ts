import { describe, expect, it } from "vitest";
import { cpusAsReported, Service, type ServiceArgs } from "../components/host/service";
import { Duration } from "../settings/units";
import { anEngine, aResource, resources } from "./fixtures";
import { find, graphOf } from "./graph";

function service(over: Partial<ServiceArgs> = {}): void {
  const engine = anEngine();
  new Service("chat", {
    engine,
    containerName: "prefix-chat",
    image: engine.pull("chat", "chat:1.2.3"),
    command: ["serve"],
    networks: [{ name: "data", aliases: ["generation-1"] }],
    mounts: [{ hostPath: "/opt/chat", containerPath: "/data", readOnly: true }],
    readOnly: true,
    health: {
      test: ["CMD", "true"],
      interval: Duration.minutes(1),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.minutes(2),
    },
    resources,
    stopGrace: Duration.seconds(30),
    after: [aResource("needed")],
    ...over,
  });
}

describe("Service", () => {
  it("makes a container that holds nothing it does not need, and says so in the words that the engine reports", async () => {
    const { inputs } = find(await graphOf(() => service()), "Container", "chat");

    expect(inputs).toMatchObject({
      name: "prefix-chat",
      image: "chat:1.2.3",
      restart: "always",
      networkMode: "bridge",
      networksAdvanced: [{ name: "data", aliases: ["prefix-chat", "generation-1"] }],
      volumes: [{ hostPath: "/opt/chat", containerPath: "/data", readOnly: true }],
      ports: [],
      labels: [{ label: "rocketchat.stack", value: "test" }],
      readOnly: true,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      memory: 512,
      memorySwap: 512,
      cpus: "1.0",
      logOpts: { "max-size": "10m", "max-file": "3" },
      stopTimeout: 30,
      destroyGraceSeconds: 30,
      healthcheck: {
        tests: ["CMD", "true"],
        interval: "1m0s",
        timeout: "5s",
        retries: 3,
        startPeriod: "2m0s",
      },
    });
  });

  it("replaces the container for what the provider would silently ignore, the old one first", async () => {
    const { opts } = find(await graphOf(() => service()), "Container", "chat");

    expect(opts.replaceOnChanges).toEqual(["healthcheck", "mounts", "tmpfs", "init"]);
    expect(opts.deleteBeforeReplace).toBe(true);
  });

  it("waits for its image and for what it needs, and uses the engine's provider", async () => {
    const { opts } = find(await graphOf(() => service()), "Container", "chat");

    const names = (opts.dependsOn as unknown as { __name: string }[]).map((resource) => resource.__name);
    expect(names).toEqual(["chat-image", "needed"]);
    expect((opts.provider as unknown as { __name: string }).__name).toBe("engine");
  });

  it("publishes the ports it is given on the address it is given, in the order in which they are read back", async () => {
    const ports = [
      { ip: "127.0.0.1", port: 8443, containerPort: 8443 },
      { ip: "127.0.0.1", port: 9000, containerPort: 80 },
    ];
    const graph = await graphOf(() => service({ ports }));

    expect(find(graph, "Container", "chat").inputs["ports"]).toEqual([
      { ip: "127.0.0.1", internal: 80, external: 9000 },
      { ip: "127.0.0.1", internal: 8443, external: 8443 },
    ]);
  });

  it("limits the processes of the container that runs, also of one that replaces it", async () => {
    const { inputs } = find(await graphOf(() => service()), "Command", "chat-pids");

    expect(inputs["environment"]).toMatchObject({ CONTAINER_ID: "chat-id", PIDS: "100" });
  });

  it.each([
    [1, "1.0"],
    [1.5, "1.5"],
    [0.25, "0.25"],
    [10, "10."],
  ])("spells %d processors as the provider reads them back", (cpus, text) => {
    expect(cpusAsReported(cpus)).toBe(text);
  });
});
