import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Document, parseDocument, Scalar } from "yaml";
import { projectRoot } from "../../terminal/paths";
import { readConfig } from "../stack/stack-file";
import type { Setting } from "./plan";

/** The settings file of a stack, as it is and as the plan wants it. Nothing is written here. */
export class SettingsFile {
  readonly path: string;
  readonly exists: boolean;
  private readonly document: Document;

  constructor(readonly stack: string) {
    this.path = join(projectRoot, `Pulumi.${stack}.yaml`);
    this.exists = existsSync(this.path);
    this.document = this.exists
      ? parseDocument(readFileSync(this.path, "utf8"))
      : new Document({ config: fresh() });
    if (!this.exists)
      this.document.commentBefore = ` Written by npm run adopt, from a workspace that was started by hand. Every key: docs/settings.md.`;
  }

  /** What stands under a key; undefined for nothing. */
  get(key: string): Setting["value"] {
    return this.document.getIn(pathOf(key)) as Setting["value"];
  }

  /** @returns a line for each value that was there and is another one now. */
  apply(settings: Setting[]): string[] {
    const changed: string[] = [];
    for (const { key, value, from } of settings) {
      const before = this.get(key);
      if (before !== undefined && before !== value)
        changed.push(`${key}: ${before} → ${value === undefined ? "(removed)" : value}`);
      if (value === undefined) {
        if (before !== undefined) this.document.deleteIn(pathOf(key));
        continue;
      }
      if (before === value) continue;
      const node = new Scalar(value);
      node.comment = ` ${from}`;
      this.document.setIn(pathOf(key), node);
    }
    return changed;
  }

  /** An encrypted value, as `pulumi config set --secret` writes it. */
  setSecure(key: string, value: unknown): void {
    this.document.setIn(["config", key], value);
  }

  /** The keys and values, as `pulumi` would hand them out: the groups as groups. */
  config(): Record<string, unknown> {
    return (this.document.toJS() as { config: Record<string, unknown> }).config;
  }

  text(): string {
    return this.document.toString({ lineWidth: 0 });
  }
}

/** As `parseSettings` takes it: the namespace taken off, groups as JSON, secrets left out. */
export function rawConfig(config: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key, value]) => key.startsWith("rocketchat:") && !isSecure(value))
      .map(([key, value]) => [
        key.slice("rocketchat:".length),
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
  );
}

function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

/** What no workspace can tell: a shell for the host, and the version of the front door. Those that this project tests. */
function fresh(): Record<string, unknown> {
  const { config } = readConfig(join(projectRoot, "Pulumi.local.yaml"));
  const { version } = config["rocketchat:ingress"] as { version: string };
  return {
    "rocketchat:helperImage": config["rocketchat:helperImage"],
    "rocketchat:ingress": { version },
  };
}

function pathOf(key: string): string[] {
  const [first = "", ...rest] = key.split(".");
  return ["config", `rocketchat:${first}`, ...rest];
}
