import { expect, it } from "vitest";
import { Networks } from "../components/host/networks";
import { anEngine } from "./fixtures";
import { find, graphOf } from "./graph";

it("makes a network to the world and one that neither the world nor the host reaches, both marked as the stack's", async () => {
  const graph = await graphOf(() => {
    const networks = new Networks("networks", { engine: anEngine(), prefix: "two-" });
    return [networks.edge(), networks.data()];
  });

  const labels = [{ label: "rocketchat.stack", value: "test" }];
  expect(find(graph, "Network", "edge").inputs).toMatchObject({ name: "two-edge", labels });
  expect(find(graph, "Network", "edge").inputs["internal"]).not.toBe(true);
  expect(find(graph, "Network", "data").inputs).toMatchObject({
    name: "two-data",
    internal: true,
    options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    labels,
  });
});
