import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { PlainSettings } from "../settings/schema";

/** The settings of servers that the stack runs itself. */
export function managedServers({ mongo, ingress }: PlainSettings) {
  if (mongo.mode !== "managed" || ingress.mode !== "managed") throw new Error("runs not both itself");
  return { mongo, ingress };
}

/** A tracked stack file as Pulumi hands it to a program: the namespace taken off, groups as JSON. */
export function stackConfig(stack: string): Record<string, string> {
  const text = readFileSync(join(__dirname, "..", `Pulumi.${stack}.yaml`), "utf8");
  const { config } = parse(text) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.replace(/^rocketchat:/, ""),
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
