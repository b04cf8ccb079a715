import { z } from "zod";
import { cpuCount, wholeMebibytes, wholeNumber } from "./leaf";
import { ByteSize } from "./units";

/** What one container may use at most. */
export interface Resources {
  /** Whole MiB, which is what the engine is told. */
  memory: ByteSize;
  /** In CPUs, such as 1.5. */
  cpus: number;
  /** Processes and threads. */
  pids: number;
}

export interface ResourcesSettings {
  /**
   * At least 1 GiB: a first start peaks at 1.4 GB.
   * @default 2 GiB, 2 CPUs, 500 pids
   */
  rocketchat: Resources;

  /**
   * At least 512 MiB.
   * @default 1 GiB, 1 CPU, 400 pids
   */
  mongo: Resources;

  /**
   * At least 64 MiB.
   * 160 KiB of it go to each WebSocket.
   * @default 512 MiB, 1 CPU, 200 pids
   */
  traefik: Resources;

  /**
   * At least 64 MiB; used with `ingress.acme.server` `test-ca` only.
   * @default 128 MiB, 1 CPU, 100 pids
   */
  testCa: Resources;

  /**
   * At least 512 MiB. While a backup is made it uses what it may of its CPUs.
   * @default 1 GiB, 1 CPU, 200 pids
   */
  backup: Resources;
}

const limits = (least: string, memory: string, cpus: number, pids: number) =>
  z.strictObject({
    memory: wholeMebibytes(memory, least).default(ByteSize.parse(memory)),
    cpus: cpuCount(cpus).default(cpus),
    pids: wholeNumber(pids, 32, 100_000).default(pids),
  });

export const resourcesSchema = z.strictObject({
  rocketchat: limits("1 GiB", "2 GiB", 2, 500),
  mongo: limits("512 MiB", "1 GiB", 1, 400),
  traefik: limits("64 MiB", "512 MiB", 1, 200),
  testCa: limits("64 MiB", "128 MiB", 1, 100),
  backup: limits("512 MiB", "1 GiB", 1, 200),
});
