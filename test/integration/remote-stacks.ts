import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { parse, stringify } from "yaml";
import { ensureImages, labConfig } from "../../machine/images";
import { Clone, type Run } from "./clone";
import { DockerCli, lines } from "./engine";
import type { RemoteHost } from "./remote-host";

export type Group = Record<string, unknown>;

/** Stacks on a server that is reached by ssh, in a clone whose state lies elsewhere. */
export class RemoteStacks {
  readonly clone = new Clone("remote");
  private readonly backend = mkdtempSync(join(tmpdir(), "rocketchat-remote-backend-"));
  readonly env = {
    PULUMI_BACKEND_URL: `file://${this.backend}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the operator",
  };

  constructor(private readonly host: RemoteHost) {}

  /** Pulumi.NAME.yaml of the clone: the settings of `local`, on the server, with the images that are there. */
  async writeSettings(stack: string, over: Group): Promise<void> {
    const { clone, host } = this;
    const file = join(clone.directory, `Pulumi.${stack}.yaml`);
    const salt = existsSync(file)
      ? (parse(readFileSync(file, "utf8")) as { encryptionsalt?: string }).encryptionsalt
      : undefined;
    const { config } = parse(readFileSync(join(clone.directory, "Pulumi.local.yaml"), "utf8")) as {
      config: Group;
    };
    const images = await ensureImages(process.env["DOCKER_HOST"]!);
    const found = labConfig(images);
    const all = [config, found, { "rocketchat:engine": host.engine }, over].reduce(merge);
    writeFileSync(file, stringify({ ...(salt === undefined ? {} : { encryptionsalt: salt }), config: all }));
    clone.commit();
  }

  readonly npm = (script: string, stack: string, ...args: string[]) =>
    this.host.npm(this.clone, script, ["--stack", stack, ...args], this.env);

  readonly up = (stack: string) => this.npm("up", stack, "--yes", "--skip-preview");

  readonly pulumi = (stack: string, ...args: string[]) => this.npm("pulumi", stack, ...args);

  remove(): void {
    this.clone.remove();
    rmSync(this.backend, { recursive: true, force: true });
  }
}

export function merge(base: Group, over: Group): Group {
  const isGroup = (value: unknown): value is Group => typeof value === "object" && value !== null;
  const entries = Object.entries(over).map(([key, value]) => {
    const before = base[key];
    return [key, isGroup(before) && isGroup(value) ? merge(before, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(entries) };
}

/** Debian's engine is older than Docker 28, whose ports on a loopback address others cannot reach. */
export const onPorts = (httpPort: number) => ({
  "rocketchat:ingress": { httpPort, httpsPort: httpPort + 363, neighboursMayConnect: true },
});

export async function ok(run: Promise<Run>): Promise<Run> {
  const done = await run;
  expect(done.status, done.output).toBe(0);
  return done;
}

const docker = new DockerCli();

/** All that a deployment could leave on the host. */
export function onHost(prefix: string) {
  return {
    containers: docker.containers(prefix),
    networks: docker.networks(prefix),
    directories: lines(
      execFileSync("sh", ["-c", `find /opt/${prefix}* | sort || true`], { encoding: "utf8", stdio: "pipe" }),
    ),
  };
}

export function listen(on: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    on.on("error", reject);
    on.listen(port, "127.0.0.1", resolve);
  });
}
