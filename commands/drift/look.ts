import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Docker, DockerFailed, isNoImage } from "../../engine/docker";
import { throwAway } from "../../engine/hardening";
import { stackLabel, withLabel } from "../../engine/labels";
import { rows } from "../../preflight/facts";
import { projectRoot } from "../../terminal/paths";
import type { Expected } from "./expected";
import { ownersOf } from "./owners";

/** What is on the engine and its host, of what a state says. */
export interface Seen {
  /** By name. */
  containers: Map<string, SeenContainer>;
  /** Ids by name. */
  networks: Map<string, string>;
  /** By path. */
  files: Map<string, SeenFile>;
  /** `uid:gid` by what `ownerKey` says. */
  owners: Map<string, string>;
  limits: KeptLimits;
}

/** The limits that an engine keeps. It drops the others with a warning: its kernel has no such cgroup, or it runs without root. */
export interface KeptLimits {
  memory: boolean;
  swap: boolean;
  pids: boolean;
  cpuShares: boolean;
}

/** As `docker container inspect` has it. */
export interface SeenContainer {
  Id: string;
  Name: string;
  State: { Status: string; StartedAt: string };
  HostConfig: {
    RestartPolicy: { Name: string };
    Memory: number;
    MemorySwap: number;
    NanoCpus: number;
    CpuShares: number;
    PidsLimit: number | null;
  };
  NetworkSettings: { Networks: Record<string, { NetworkID: string; Aliases: string[] | null }> };
}

export interface SeenFile {
  kind: "file" | "directory" | "link" | "other" | "missing";
  owner: string;
  mode: string;
  /** When its content changed last, in seconds since 1970. */
  written: number;
  sha256: string;
  /** Without the line ends at its end. */
  trimmedSha256: string;
}

const patienceMs = 15_000;
/** Right after a deployment the processors are the new servers'. */
export const patientMs = 60_000;
/** A first deployment over a slow line, as in preflight. */
const fetchMs = 300_000;

export interface Look {
  /** The helper image is fetched where it is gone, as `docker image prune` leaves it. */
  fetchesImage: boolean;
  /** @default 15 s */
  withinMs?: number;
}

/**
 * One look at an engine and its host. Changes nothing.
 * @param more Paths of the host to look at as well.
 * @throws DockerFailed
 */
export async function lookFor(
  expected: Expected,
  stack: string,
  more: string[],
  { fetchesImage, withinMs = patienceMs }: Look,
): Promise<Seen> {
  if (fetchesImage) await ensureImage(expected);
  const docker = new Docker(expected.engine, Date.now() + withinMs);
  const [containers, networks, files, owners, limits] = await Promise.all([
    containersOf(docker, stack),
    networksOf(docker, stack),
    filesOn(docker, expected.helperImage, [...expected.files.map(({ path }) => path), ...more]),
    ownersOf(docker, expected.files),
    limitsOf(docker),
  ]);
  return { containers, networks, files, owners, limits };
}

async function containersOf(docker: Docker, stack: string): Promise<Seen["containers"]> {
  const ids = await docker.run("ps", "--all", "--quiet", withLabel(stackLabel, stack));
  if (ids === "") return new Map();
  const found = JSON.parse(await docker.run("container", "inspect", ...ids.split("\n"))) as SeenContainer[];
  return new Map(found.map((container) => [container.Name.slice(1), container]));
}

async function ensureImage({ engine, helperImage }: Expected): Promise<void> {
  const docker = new Docker(engine, Date.now() + patienceMs);
  try {
    await docker.run("image", "inspect", "--format", "{{.Id}}", helperImage);
  } catch (error) {
    if (!(error instanceof DockerFailed) || !isNoImage(error)) throw error;
    await docker.until(Date.now() + fetchMs).run("pull", "--quiet", helperImage);
  }
}

async function networksOf(docker: Docker, stack: string): Promise<Seen["networks"]> {
  const found = await docker.run(
    "network",
    "ls",
    "--no-trunc",
    withLabel(stackLabel, stack),
    "--format={{.Name}}\t{{.ID}}",
  );
  return new Map(rows(found).map(([name = "", id = ""]) => [name, id]));
}

async function filesOn(docker: Docker, helperImage: string, paths: string[]): Promise<Seen["files"]> {
  const script = readFileSync(join(projectRoot, "scripts/host/look.sh"), "utf8");
  const said = await docker.run(
    ...throwAway,
    "--pull=never",
    "--user=0",
    "--network=none",
    "--cap-add=DAC_READ_SEARCH",
    "--memory=128m",
    "--pids-limit=1024",
    "--env=PLACES=",
    "--env=NOTES=",
    `--env=FILES=${paths.join(" ")}`,
    "--mount=type=bind,source=/,target=/host,readonly",
    "--entrypoint=sh",
    helperImage,
    "-euc",
    script,
  );
  return filesIn(said);
}

/** What `scripts/host/look.sh` printed of files. */
export function filesIn(said: string): Seen["files"] {
  return new Map(
    rows(said)
      .filter(([word]) => word === "file")
      .map(([, path = "", kind, owner = "", mode = "", written, sha256 = "", trimmedSha256 = ""]) => [
        path,
        { kind: kind as SeenFile["kind"], owner, mode, written: Number(written), sha256, trimmedSha256 },
      ]),
  );
}

async function limitsOf(docker: Docker): Promise<KeptLimits> {
  const format = "{{.MemoryLimit}} {{.SwapLimit}} {{.PidsLimit}} {{.CPUShares}}";
  const [memory, swap, pids, cpuShares] = (await docker.run("info", "--format", format))
    .split(" ")
    .map((word) => word === "true");
  return { memory: memory === true, swap: swap === true, pids: pids === true, cpuShares: cpuShares === true };
}
