import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureImages } from "../../machine/images";
import { type Ran, run } from "./run";

/** Three resources of the project's providers, none of which does anything. */
const program = (image: string) => `
const docker = require("@pulumi/docker");
const command = require("@pulumi/command");
const random = require("@pulumi/random");
const provider = new docker.Provider("engine", { host: ${JSON.stringify(process.env["DOCKER_HOST"])} });
new docker.RemoteImage("image", { name: ${JSON.stringify(image)}, keepLocally: true }, { provider });
new random.RandomPassword("password", { length: 20 });
new command.local.Command("command", { create: "true" });
`;

/** What Pulumi takes for a program that does nothing, with the same SDKs, plugins and kind of state. */
export class EmptyProgram {
  private readonly directory = mkdtempSync(join(tmpdir(), "rocketchat-bench-empty-"));
  private readonly env: NodeJS.ProcessEnv = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "empty",
  };

  /** Makes its stack and brings it up. */
  async prepare(): Promise<void> {
    const lab = await ensureImages(process.env["DOCKER_HOST"]!);
    mkdirSync(join(this.directory, "state"));
    symlinkSync(resolve("node_modules"), join(this.directory, "node_modules"));
    writeFileSync(join(this.directory, "Pulumi.yaml"), "name: empty\nruntime: nodejs\n");
    writeFileSync(join(this.directory, "package.json"), '{ "name": "empty", "main": "index.js" }\n');
    writeFileSync(join(this.directory, "index.js"), program(lab?.busybox ?? "busybox:1.37.0"));
    await this.pulumi("stack", "init", "bench");
    await this.up();
  }

  up(): Promise<Ran> {
    return this.pulumi("up", "--yes", "--skip-preview");
  }

  preview(): Promise<Ran> {
    return this.pulumi("preview");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private pulumi(...args: string[]): Promise<Ran> {
    return run("pulumi", [...args, "--non-interactive"], this.directory, this.env);
  }
}
