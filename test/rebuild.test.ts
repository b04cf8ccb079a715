import { describe, expect, it } from "vitest";
import { type Rebuild, rebuildable, type EngineView, keptIn, onEngine } from "../commands/state/rebuild";
import type { Previewed, Recorded } from "../commands/state/checkpoint";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const engine = "urn:pulumi:prod::rocketchat::pulumi:providers:docker::engine";
const random = "urn:pulumi:prod::rocketchat::pulumi:providers:random::default_4_21_2";

function planned(type: string, name: string, more: Partial<Recorded> = {}): Previewed {
  const urn = `urn:pulumi:prod::rocketchat::${type}::${name}`;
  return { op: "create", urn, newState: { urn, type, custom: true, parent: "stack", ...more } };
}
const provider = planned("pulumi:providers:docker", "engine", {
  inputs: { __internal: {}, host: "ssh://host", version: "5.2.0" },
});
const onDocker = (
  kind: string,
  name: string,
  inputs: Record<string, unknown> = {},
  more: Partial<Recorded> = {},
) =>
  planned(`docker:index/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`, name, {
    inputs: { name: `x-${name}`, ...inputs },
    provider: `${engine}::${unknown}`,
    ...more,
  });
const password = planned("random:index/randomPassword:RandomPassword", "key", {
  inputs: { length: 32, special: false },
  provider: `${random}::${unknown}`,
});
const keeper = planned("command:local:Command", "key", {
  inputs: { environment: { FILE: "/opt/x/secrets/key", MOUNT: "/opt/x/secrets" } },
});

const view: EngineView = {
  find: (at, kind, name) => {
    if (at === "" || name === "") throw new Error("docker takes no empty name");
    const found: Record<string, { id: string; stack: string }> = {
      "ssh://host container x-chat": { id: "c1", stack: "prod" },
      "ssh://host network x-edge": { id: "n1", stack: "prod" },
      "ssh://host container x-other": { id: "c2", stack: "staging" },
    };
    return Promise.resolve(found[`${at} ${kind} ${name}`]);
  },
  imageId: (_at, name) => {
    if (name === "") throw new Error("docker takes no empty name");
    return Promise.resolve(name === "x-image" ? "sha256:1" : undefined);
  },
  read: (_environment, file) => Promise.resolve(file === "/opt/x/secrets/key" ? "from the host" : undefined),
};
const rebuild = (...program: Previewed[]): Rebuild => ({ stack: "prod", program, view });
const adopt = (program: Previewed[], known: Recorded[] = [], anything = false) =>
  rebuildable(rebuild(...program), program, known, anything);

describe("what a lost state can be rebuilt from", () => {
  it("is the engine's ids, under the provider that is recorded with them", async () => {
    const records = await adopt([
      provider,
      onDocker("Network", "edge"),
      onDocker("RemoteImage", "image"),
      onDocker("Container", "chat"),
    ]);

    expect(records.slice(1).map(({ id }) => id)).toEqual(["n1", "sha256:1x-image", "c1"]);
    expect(records[0]).toMatchObject({ urn: engine, outputs: { host: "ssh://host", version: "5.2.0" } });
    expect(records[0]!.id).toMatch(/^[0-9a-f-]{36}$/);
    for (const { provider } of records.slice(1)) expect(provider).toBe(`${engine}::${records[0]!.id}`);
  });

  it("is the random values that the host keeps, as secrets", async () => {
    const records = await adopt([password, keeper]);

    expect(records.map(({ urn }) => urn)).toEqual([random, password.urn]);
    expect(records[0]).toMatchObject({ type: "pulumi:providers:random", inputs: { version: "4.21.2" } });
    expect(records[1]!.outputs).toMatchObject({ length: 32, special: false, upper: true, minLower: 0 });
    expect(records[1]!.outputs!["result"]).toEqual({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      plaintext: '"from the host"',
    });
    expect(keptIn([password, keeper], password.newState!)!.file).toBe("/opt/x/secrets/key");
  });

  it("names nothing that is not recorded: Pulumi would refuse it", async () => {
    const edge = onDocker("Network", "edge");
    const chat = onDocker(
      "Container",
      "chat",
      {},
      {
        dependencies: [edge.urn, keeper.urn],
        propertyDependencies: { labels: [keeper.urn], networks: [edge.urn] },
      },
    );
    const record = (await adopt([provider, edge, keeper, chat])).at(-1)!;

    expect(record.dependencies).toEqual([edge.urn]);
    expect(record.propertyDependencies).toEqual({ labels: [], networks: [edge.urn] });
  });
});

describe("what a lost state is not rebuilt from", () => {
  it("are steps, which run again, and what the engine and the host do not have", async () => {
    const gone = [
      onDocker("Container", "gone"),
      onDocker("RemoteImage", "unpulled"),
      planned(password.newState!.type, "lost"),
    ];
    const records = await adopt([provider, keeper, ...gone]);

    expect(records.map(({ urn }) => urn)).toEqual([engine]);
  });

  it("is a resource whose inputs hang on another one, until that is recorded or nothing else is left", async () => {
    const chat = onDocker("Container", "chat", { labels: [{ label: "env", value: unknown }] });

    expect((await adopt([provider, chat])).map(({ urn }) => urn)).toEqual([engine]);
    expect((await adopt([provider, chat], [], true)).map(({ urn }) => urn)).toEqual([engine, chat.urn]);
  });

  it("are placeholders: what is not known is left out, and the rest is recorded", async () => {
    const chat = onDocker(
      "Container",
      "chat",
      {
        image: unknown,
        memory: 512,
        tty: null,
        envs: "[secret]",
        command: ["serve", unknown, null],
        capabilities: { adds: ["CHOWN"], drops: unknown },
        labels: [
          { label: "stack", value: "prod" },
          { label: "env", value: unknown },
          { label: "key", value: "[secret]" },
        ],
        networksAdvanced: [
          { name: "data", aliases: ["chat", unknown] },
          { name: unknown, aliases: ["chat"] },
        ],
      },
      { outputs: { url: unknown } },
    );
    const component = planned("rocketchat:infra:RocketChat", "chat", {
      custom: false,
      inputs: { password: "[secret]", port: 3000 },
      outputs: { route: unknown, name: "chat" },
    });
    const records = await adopt([component, provider, chat], [], true);

    const inputs = {
      name: "x-chat",
      memory: 512,
      tty: null,
      command: ["serve"],
      labels: [{ label: "stack", value: "prod" }],
      networksAdvanced: [{ name: "data", aliases: ["chat"] }],
    };
    expect(records.at(-1)).toMatchObject({ id: "c1", inputs, outputs: inputs });
    expect(Object.keys(records.at(-1)!.inputs!)).toEqual(Object.keys(inputs));
    expect(records[0]).toMatchObject({ inputs: { port: 3000 }, outputs: { name: "chat" } });
    expect(JSON.stringify(records)).not.toMatch(new RegExp(`${unknown}|\\[secret\\]`));
  });

  it("is a provider that is not known whole, and what it makes: another engine might be asked", async () => {
    const elsewhere = planned("pulumi:providers:docker", "engine", { inputs: { host: unknown } });

    expect(await adopt([elsewhere, onDocker("Container", "chat")], [], true)).toEqual([]);
  });

  it("is what has no known name", async () => {
    const nameless = [
      onDocker("Container", "chat", { name: unknown }),
      onDocker("RemoteImage", "image", { name: unknown }),
    ];

    expect((await adopt([provider, ...nameless], [], true)).map(({ urn }) => urn)).toEqual([engine]);
  });

  it("is a container of another stack: its name is refused", async () => {
    await expect(adopt([provider, onDocker("Container", "other")])).rejects.toThrow(
      "container x-other: must be of the stack prod (got one of staging); see whose it is, and if nobody needs it run: " +
        "docker --host ssh://host container rm x-other",
    );
    expect(
      await onEngine(rebuild(provider, onDocker("Container", "other"), onDocker("Network", "edge"))),
    ).toEqual(["n1"]);
  });
});
