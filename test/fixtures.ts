import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { onTestFinished, vi } from "vitest";
import { Engine } from "../components/host/engine";
import type { HostSecret } from "../components/host/secrets";
import { ByteSize } from "../settings/units";

export const resources = { memory: ByteSize.mebibytes(512), cpus: 1, pids: 100 };

export function anEngine(): Engine {
  return new Engine("engine", { host: "unix:///var/run/docker.sock", helperImage: "busybox:1.37.0" });
}

export function aResource(name: string): pulumi.Resource {
  return new pulumi.ComponentResource("test:Ready", name);
}

export function aSecret(name: string): HostSecret {
  return {
    value: pulumi.secret(`host-${name}`),
    standIn: `generated-${name}`,
    firstStandIn: `generated-${name}`,
    file: `/secrets/${name}`,
    ready: aResource(name),
  };
}

/** Until the test ends, the docker CLI tells of an engine on which nothing is taken and everything asked for is there. */
export function stubDocker(): void {
  vi.stubEnv("PATH", `${join(__dirname, "stubs")}:${process.env["PATH"] ?? ""}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}
