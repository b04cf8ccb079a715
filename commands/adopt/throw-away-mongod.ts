import { OperatorError } from "../../terminal/steps";
import { becomesItsUser, unprivileged } from "../../engine/hardening";
import type { Host } from "../../engine/host";

export interface MongodRun {
  /** Of the container; one that an interrupted run left is stopped and removed first. */
  name: string;
  image: string;
  /** Names that lead to itself. */
  hosts: string[];
  volumes: string[];
  args: string[];
  user?: string;
}

/** Runs a mongod that nobody else reaches, for as long as `work` takes, and ends it with the time it needs to flush. */
export async function withMongod<T>(host: Host, run: MongodRun, work: () => Promise<T>): Promise<T> {
  await end(host, run.name);
  await host.docker([
    "run",
    "--detach",
    `--name=${run.name}`,
    "--network=none",
    "--log-opt=max-size=10m",
    // As root it gives the data to its own user first.
    ...(run.user === undefined ? becomesItsUser : [`--user=${run.user}`, ...unprivileged]),
    ...run.hosts.map((name) => `--add-host=${name}:127.0.0.1`),
    ...run.volumes.map((volume) => `--volume=${volume}`),
    run.image,
    "mongod",
    "--wiredTigerCacheSizeGB",
    "0.25",
    ...run.args,
  ]);
  try {
    return await work();
  } catch (error) {
    const log = await host.try(["logs", "--tail", "5", run.name]);
    if (error instanceof OperatorError)
      throw new OperatorError(`${log.stdout.trim().slice(-2000)}\n${error.message}`, { cause: error });
    throw error;
  } finally {
    await end(host, run.name);
  }
}

async function end(host: Host, name: string): Promise<void> {
  await host.try(["stop", "--time", "120", name]);
  await host.try(["rm", "--volumes", name]);
}
