import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { faultsOn } from "../../preflight/faults";
import { parseSettings } from "../../settings/parse";
import { lines } from "../integration/engine";
import { RemoteHost } from "../integration/remote-host";
import { listen, ok, onHost, onPorts, RemoteStacks } from "../integration/remote-stacks";
import { stackConfig } from "../settings-stack-file";

// A server that is not reached, or whose engine is not: each is waited for as long as it may take.
const host = new RemoteHost("itsr-deploy", 31942, 31943);
const stacks = new RemoteStacks(host);
const { clone, env, pulumi } = stacks;
const nobody = "/tmp/itsr-nobody";
const prefix = "itsr-";
const fault = { "rocketchat:prefix": prefix, ...onPorts(20280) };
const nothing = { containers: [], networks: [], directories: [] };

beforeAll(async () => {
  await host.start([]);
  host.trustHostKey();
  await stacks.writeSettings("fault", fault);
  await ok(pulumi("fault", "stack", "init", "fault"));
});

afterAll(async () => {
  await host.remove();
  stacks.remove();
  rmSync(nobody, { recursive: true, force: true });
});

/** `up` must be refused with a line, and leave the host as it was. */
async function expectRefused(line: RegExp, engine: string, over: NodeJS.ProcessEnv = {}): Promise<void> {
  await stacks.writeSettings("fault", { ...fault, "rocketchat:engine": engine });
  const refused = await host.npm(clone, "up", ["--stack", "fault", "--yes", "--skip-preview"], {
    ...env,
    ...over,
  });

  expect(refused.status, refused.output).not.toBe(0);
  expect(
    lines(refused.output).filter((text) => text.startsWith("    error: engine: ") && line.test(text)),
    refused.output,
  ).toHaveLength(1);
  expect(onHost(prefix)).toEqual(nothing);
}

it("a host that does not answer is named", async () => {
  await expectRefused(
    /engine: must be a host that answers \(it does not\) \(got ssh:\/\/itsr-deploy@127\.0\.0\.1:31944\); see that it runs, .*try: ssh -p 31944 itsr-deploy@127\.0\.0\.1 true/,
    "ssh://itsr-deploy@127.0.0.1:31944",
  );
});

it("a host that takes the connection and says nothing is named in time", async () => {
  const silent = createServer();
  await listen(silent, 31944);
  try {
    const engine = "ssh://itsr-deploy@127.0.0.1:31944";
    await expectRefused(/engine: must be a host that answers/, engine);

    // The slowest of all: what preflight takes of that, without the start of Pulumi.
    const config = { ...stackConfig("local"), engine };
    const started = Date.now();
    await expect(faultsOn(parseSettings({ stack: "fault", config, secretKeys: new Set() }))).rejects.toThrow(
      "must be a host that answers",
    );
    expect(Date.now() - started).toBeLessThan(15_000);
  } finally {
    silent.close();
  }
});

it("a refused key is named", async () => {
  // Another name for the server, so that no open connection stands in for the key.
  await expectRefused(
    /engine: must let this user in with a key \(it refused\) .*authorized_keys/,
    "ssh://itsr-deploy@127.0.0.1:31942",
    { SSH_AUTH_SOCK: "/nowhere/agent.sock", ROCKETCHAT_SSH_DIRECTORY: nobody },
  );
});

it("an engine that does not run is named", async () => {
  await expectRefused(
    /engine: must be running \(nothing answers on its socket\) .*systemctl start docker/,
    `${host.engine}-dead`,
  );
});
