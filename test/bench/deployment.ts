import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Clone } from "../integration/clone";
import { DockerCli } from "../integration/engine";
import { type Ran, run } from "./run";
import type { Watch } from "./watch";

const prefix = "bnc-";
/** Of the front doors; neither a test's nor one of those that the system lends. */
export const ports = { ours: { http: 17180, https: 17543 }, compose: { http: 17181, https: 17544 } };

/** A stack of a bench's own, in a clone of this working tree that shares its packages. */
export class Deployment {
  readonly clone: Clone;

  constructor(private readonly watch: Watch) {
    sweep();
    this.clone = new Clone("bench");
    this.clone.setApart({ prefix, httpPort: ports.ours.http, httpsPort: ports.ours.https });
  }

  /** `npm run` with a script and its arguments. */
  npm(script: string, ...args: string[]): Promise<Ran> {
    return run("npm", ["run", "--silent", script, "--", ...args], this.clone.directory, this.watch.env);
  }

  /** The Pulumi CLI as the commands call it, without them. */
  pulumi(command: string, ...args: string[]): Promise<Ran> {
    const state = join(this.clone.directory, ".state", "local");
    const settings = join(state, "Pulumi.local.yaml");
    return run(
      "pulumi",
      [command, "--stack", "local", "--config-file", settings, ...args],
      this.clone.directory,
      {
        ...this.watch.env,
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE_FILE: join(state, "passphrase"),
      },
    );
  }

  remove(): void {
    sweep();
    this.clone.remove();
  }
}

/** Removes what the benches' prefix bears: also what a killed one left. */
function sweep(): void {
  const docker = new DockerCli();
  for (const name of docker.containers(prefix)) docker.run("rm", "--force", "--volumes", name);
  for (const name of docker.networks(prefix)) docker.run("network", "rm", name);
  for (const name of readdirSync("/opt"))
    if (name.startsWith(prefix)) rmSync(join("/opt", name), { recursive: true });
  docker.forget(prefix);
}
