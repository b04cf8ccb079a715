import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { inventoryOf } from "../inventory";
import { systemDirectoryChecks } from "../settings/cross-checks/system-directories";
import { parseSettings } from "../settings/parse";
import { type Node, plain } from "./graph";
import { programWith } from "./program";
import { variedStacks } from "./stacks";

type Config = Record<string, string>;

const settingsWith = (config: Config, secrets: Config) =>
  parseSettings({
    stack: "test",
    config: { ...config, ...secrets },
    secretKeys: new Set(Object.keys(secrets)),
  });
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

/** The same stack, with the digest of each of its images beside the tag. */
function byDigest([title, config, secrets]: [string, Config, Config]): [string, Config, Config] {
  const pinned = { ...config };
  for (const { key, name } of inventoryOf(settingsWith(config, secrets)).images) {
    const [group = "", ...path] = key.split(".");
    const image = `${name}@${digest}`;
    pinned[group] = path.length === 0 ? image : JSON.stringify(put(pinned[group], path, image));
  }
  return [`${title}, every image by its digest`, pinned, secrets];
}

function put(json: unknown, [key = "", ...path]: string[], image: string): Record<string, unknown> {
  const group = (typeof json === "string" ? JSON.parse(json) : (json ?? {})) as Record<string, unknown>;
  return { ...group, [key]: path.length === 0 ? image : put(group[key], path, image) };
}

const known = variedStacks();
const pinned = known.map(byDigest);

const ofType = (graph: Node[], type: string) => graph.filter((node) => node.type.endsWith(`:${type}`));

it("asks nobody: it imports settings, and no client, file or process", () => {
  const room = join(__dirname, "..", "inventory");
  const imports = readdirSync(room).flatMap((file) =>
    [...readFileSync(join(room, file), "utf8").matchAll(/ from "(.*)";/g)].map(([, from]) => from!),
  );
  expect(
    imports.filter((from) => !/^\.\/|^\.\.\/settings\/(schema|backup|ingress|mongo)$/.test(from)),
  ).toEqual([]);
});

/** Paths of the host that a step of the program makes: directories, and the directories of files. */
function pathsOf(graph: Node[]): string[] {
  const made = ofType(graph, "Command").flatMap(({ inputs }) => {
    const { create, environment = {} } = plain(inputs) as { create: string; environment?: Config };
    const { DIRECTORY, FILE } = environment;
    if (!/(ops|scripts)\/(host|test-ca)\//.test(create)) return [];
    return [DIRECTORY, FILE].filter((path) => path !== undefined && path.startsWith("/")) as string[];
  });
  return [...new Set(made)];
}

it("names every image as the settings do, with its digest", () => {
  const images = pinned.flatMap(([, config, secrets]) => inventoryOf(settingsWith(config, secrets)).images);
  expect(images.filter(({ name }) => !/^[^@]+:[^@]+@sha256:[0-9a-f]{64}$/.test(name))).toEqual([]);
  const reference = readFileSync(join(__dirname, "..", "docs", "settings.md"), "utf8");
  const keys = [...reference.matchAll(/^\| `([\w.]+)` \| image \|/gm)].map(([, key]) => key!);
  expect([...new Set(images.map(({ key }) => key))].sort()).toEqual(keys.sort());
});

describe.each([...known, ...pinned])(
  "the inventory of %s, against what the program makes",
  (_name, config, secrets) => {
    const settings = settingsWith(config, secrets);
    const inventory = inventoryOf(settings);

    it("has its containers, each with its image, networks, mounts and ports, and no other", async () => {
      const graph = await programWith(config, secrets);
      const inGraph = ofType(graph, "Container").map(({ name, inputs }) => {
        const { networksAdvanced, volumes, ports, ...of } = plain(inputs) as {
          name: string;
          image: string;
          networksAdvanced: { name: string }[];
          volumes: { hostPath: string; containerPath: string; readOnly: boolean }[];
          ports: { ip: string; external: number }[];
        };
        return {
          role: name,
          name: of.name,
          image: of.image,
          networks: networksAdvanced.map((network) => network.name).sort(),
          mounts: volumes
            .map(({ hostPath, containerPath, readOnly }) => `${hostPath} ${containerPath} ${readOnly}`)
            .sort(),
          ports: ports.map(({ ip, external }) => `${ip} ${external}`).sort(),
        };
      });
      const listed = inventory.containers.map(({ role, name, image, networks, mounts, ports }) => ({
        role,
        name,
        image,
        networks: [...networks].sort(),
        mounts: mounts.map(({ source, target, readOnly }) => `${source} ${target} ${readOnly}`).sort(),
        ports: ports.map(({ address, port }) => `${address} ${port}`).sort(),
      }));
      const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
      expect(listed.sort(byName)).toEqual(inGraph.sort(byName));
    });

    it("has its networks and images, and no other", async () => {
      const graph = await programWith(config, secrets);
      const networks = ofType(graph, "Network").map(({ name, inputs }) => `${name} ${inputs["name"]}`);
      expect(inventory.networks.map(({ role, name }) => `${role} ${name}`).sort()).toEqual(networks.sort());
      const images = ofType(graph, "RemoteImage").map(({ inputs }) => String(inputs["name"]));
      expect(inventory.images.map(({ name }) => name).sort()).toEqual(images.sort());
    });

    it("has every place of the host that is written to, and none that is not", async () => {
      const paths = pathsOf(await programWith(config, secrets));
      expect(paths.length).toBeGreaterThan(5);
      const places = inventory.parts.flatMap(({ directories }) => directories);
      const isIn = (path: string) => places.some(({ path: place }) => `${path}/`.startsWith(`${place}/`));
      expect(paths.filter((path) => !isIn(path))).toEqual([]);
      const made = places.filter((place) => place.made).map(({ path }) => path);
      expect(made.filter((place) => !paths.includes(place))).toEqual([]);
      const stored = ofType(await programWith(config, secrets), "Command").flatMap(({ name, inputs }) => {
        const { DIRECTORY } = (plain(inputs) as { environment?: Config }).environment ?? {};
        return name.startsWith("storage-") && made.includes(DIRECTORY!) ? [[name, DIRECTORY]] : [];
      });
      const listed = places.filter(({ path }) => stored.some(([, directory]) => directory === path));
      expect(stored.sort()).toEqual(listed.map(({ role, path }) => [`storage-${role}`, path]).sort());
      expect(stored.length).toBeGreaterThan(1);
    });

    it("names no directory by a setting that may be a directory of the system", () => {
      const { directories, homes } = inventory;
      const keys = [...homes, ...directories].flatMap(({ key }) => key ?? []);
      const checked = systemDirectoryChecks.flatMap((check) => check.keys);
      expect(keys.filter((key) => !checked.includes(key))).toEqual([]);
    });

    it("has every mount in one of its places, in a home or in none of the stack's", () => {
      const known = [
        ...inventory.parts.flatMap(({ directories }) => directories.map(({ path }) => path)),
        ...inventory.homes.map(({ path }) => path),
        "/etc/localtime",
      ];
      const mounted = inventory.containers.flatMap(({ mounts }) => mounts.map(({ source }) => source));
      const isKnown = (path: string) => known.some((place) => `${path}/`.startsWith(`${place}/`));
      expect(mounted.filter((path) => !isKnown(path))).toEqual([]);
      expect(mounted.map((path) => dirname(path))).not.toContain("/");
    });
  },
);
