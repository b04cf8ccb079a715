import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument, stringify } from "yaml";
import type { Clone, Run } from "./clone";

/** A stack with settings and state of its own in a clone, as an operator makes it beside `local`. */
export class NamedStack {
  private readonly file: string;

  constructor(
    private readonly clone: Clone,
    readonly name: string,
  ) {
    this.file = join(clone.directory, `Pulumi.${name}.yaml`);
  }

  async make(config: Record<string, unknown>): Promise<void> {
    writeFileSync(this.file, stringify({ config }));
    await this.pulumi("stack", "init", this.name);
  }

  async setSecret(key: string, value: string): Promise<void> {
    const run = await this.clone.npm("pulumi", this.args("config", "set", "--secret", key), value);
    if (run.status !== 0) throw new Error(run.output);
  }

  /** Sets keys, such as ["rocketchat:mongo", "replicaSet"]; `undefined` takes one away. */
  configure(...changes: [path: string[], value: unknown][]): void {
    const document = parseDocument(readFileSync(this.file, "utf8"));
    for (const [path, value] of changes) {
      if (value === undefined) document.deleteIn(["config", ...path]);
      else document.setIn(["config", ...path], value);
    }
    writeFileSync(this.file, String(document));
  }

  up(): Promise<Run> {
    return this.clone.npm("up", this.args("--yes", "--skip-preview"));
  }

  down(): Promise<Run> {
    return this.clone.npm("down", this.args("--yes", "--skip-preview"));
  }

  /** The answer of a pulumi command that must succeed. */
  pulumi(...args: string[]): Promise<string> {
    return this.clone.pulumi(...this.args(...args));
  }

  private args(...args: string[]): string[] {
    return ["--stack", this.name, ...args];
  }
}
