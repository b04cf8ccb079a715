import { describe, expect, it } from "vitest";
import { type HostSecret, HostSecrets } from "../components/host/secrets";
import { anEngine } from "./fixtures";
import { find, graphOf, isSecret, plain, valueOf, visibleText } from "./graph";

async function generated() {
  let secret!: HostSecret;
  const graph = await graphOf(() => {
    const secrets = new HostSecrets("chat", { engine: anEngine(), directory: "/opt/chat/secrets" });
    secret = secrets.generate("admin-password", { length: 24, allClasses: true });
  });
  return { graph, secret };
}

describe("HostSecrets", () => {
  it("hands out what the host answers, not what was proposed", async () => {
    const { secret } = await generated();

    expect(await valueOf(secret.value)).toBe("host-chat-admin-password");
    expect(await isSecret(secret.value)).toBe(true);
    expect(secret.standIn).toBe("generated:chat-admin-password:1");
    expect(secret.file).toBe("/opt/chat/secrets/admin-password");
  });

  it("shows the proposal to the script alone, on standard input", async () => {
    const { graph } = await generated();

    const step = find(graph, "Command", "chat-admin-password");
    expect(plain(step.inputs)["stdin"]).toBe("proposed-chat-admin-password");
    expect(visibleText(graph)).not.toContain("proposed-");
  });

  it("keeps the answer out of the state, the log and the next run's environment", async () => {
    const step = find((await generated()).graph, "Command", "chat-admin-password");

    expect(step.opts).toMatchObject({ additionalSecretOutputs: ["stdout"] });
    expect(step.inputs).toMatchObject({ logging: "none", addPreviousOutputInEnv: false });
  });

  it("gives the step inputs that no release changes, so that no preview loses the answer", async () => {
    const { inputs } = find((await generated()).graph, "Command", "chat-admin-password");

    expect(inputs["create"]).toBe("sh ops/host/helper.sh ops/host/keep-secret.sh");
    expect(inputs["environment"]).toEqual({
      DIRECTORY: "/opt/chat/secrets",
      NAME: "admin-password",
      GENERATION: "1",
      DOCKER_HOST: "unix:///var/run/docker.sock",
      HELPER_IMAGE: "busybox:1.37.0",
      MOUNT: "/opt/chat/secrets",
      PASS: "DIRECTORY NAME GENERATION",
    });
  });
});
