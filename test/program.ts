import * as pulumi from "@pulumi/pulumi";
import { expect, vi } from "vitest";
import program from "../index";
import * as preflight from "../preflight";
import { graphOf, type Node } from "./graph";

type Config = Record<string, string>;

const graphs = new Map<string, Promise<Node[]>>();

/**
 * What the whole program registers for a configuration without its namespace, groups as JSON. Tests that ask for the same
 * share one graph.
 */
export function programWith(config: Config, secrets: Config = {}): Promise<Node[]> {
  const key = JSON.stringify([config, secrets]);
  const graph = graphs.get(key) ?? registeredFor(config, secrets);
  graphs.set(key, graph);
  return graph;
}

async function registeredFor(config: Config, secrets: Config): Promise<Node[]> {
  const own = Object.entries({ ...config, ...secrets }).map(([key, value]) => [`rocketchat:${key}`, value]);
  const secretKeys = Object.keys(secrets).map((key) => `rocketchat:${key}`);
  // The mocks are not a preview, and there is no engine to ask.
  const asked = vi.spyOn(preflight, "preflight").mockResolvedValue();
  try {
    const graph = await graphOf(() => {
      pulumi.runtime.setAllConfig(Object.fromEntries(own) as Config, secretKeys);
      return program();
    });
    expect(asked).toHaveBeenCalledOnce();
    return graph;
  } finally {
    asked.mockRestore();
  }
}

/** Logical names of what a resource waits for. */
export function waitsFor({ opts }: Node): string[] {
  return (opts.dependsOn as unknown as { __name: string }[]).map((resource) => resource.__name);
}
