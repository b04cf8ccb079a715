import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { require as requireTs } from "tsx/cjs/api";
import { graphOf, type Node } from "./graph";

// CommonJS, as Pulumi loads it.
const program = requireTs("../index.ts", __filename) as () => Promise<unknown>;

/** What the whole program registers for a configuration without its namespace, groups as JSON. */
export function programWith(
  config: Record<string, string>,
  secrets: Record<string, string> = {},
): Promise<Node[]> {
  const own = Object.entries({ ...config, ...secrets }).map(([key, value]) => [`rocketchat:${key}`, value]);
  const secretKeys = Object.keys(secrets).map((key) => `rocketchat:${key}`);
  // The mocks are not a preview, and preflight asks the engine; this one answers in its place.
  process.env["PATH"] = `${join(__dirname, "stubs")}:${process.env["PATH"] ?? ""}`;
  return graphOf(() => {
    pulumi.runtime.setAllConfig(Object.fromEntries(own) as Record<string, string>, secretKeys);
    return program();
  });
}

/** Logical names of what a resource waits for. */
export function waitsFor({ opts }: Node): string[] {
  return (opts.dependsOn as unknown as { __name: string }[]).map((resource) => resource.__name);
}
