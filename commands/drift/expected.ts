import type { Recorded } from "../state/checkpoint";
import { nameOf } from "../state/rebuild";
import { expectedFiles, type ExpectedFile } from "./expected-files";
import { reveal } from "./reveal";

/** What a stack's state says is on its engine and the engine's host. */
export interface Expected {
  /** The URN of the stack itself. */
  record: string;
  engine: string;
  helperImage: string;
  /** In the order in which they depend on each other. */
  containers: ExpectedContainer[];
  networks: ExpectedNetwork[];
  files: ExpectedFile[];
}

export interface ExpectedNetwork {
  urn: string;
  id: string;
  name: string;
}

export interface ExpectedContainer {
  urn: string;
  id: string;
  name: string;
  networks: { name: string; aliases: string[] }[];
  limits: Limits;
  /** Directories and files of the host that it has. */
  mounts: string[];
}

/** What `docker update` changes. Undefined where the program says nothing of it. */
export interface Limits {
  restart?: string | undefined;
  memoryBytes?: number | undefined;
  /** Memory and swap together. */
  swapBytes?: number | undefined;
  nanoCpus?: number | undefined;
  cpuShares?: number | undefined;
  pids?: number | undefined;
}

interface ContainerInputs {
  name?: string;
  networksAdvanced?: { name: string; aliases?: string[] }[];
  volumes?: { hostPath?: string }[];
  restart?: string;
  /** MiB. */
  memory?: number;
  memorySwap?: number;
  cpus?: string;
  cpuShares?: number;
}

const mebibyte = 1024 * 1024;

/** @returns nothing where the state has no engine: the stack was never deployed. */
export function expectedBy(state: Recorded[]): Expected | undefined {
  // Marked as deleted: the old one of a replacement that was not finished.
  const resources = state.filter((record) => record.delete !== true);
  const engine = resources.find(({ type }) => type === "pulumi:providers:docker")?.inputs?.["host"];
  const helperImage = resources.find(({ urn }) => nameOf(urn) === "helper-image")?.inputs?.["name"];
  const record = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn;
  if (typeof engine !== "string" || typeof helperImage !== "string" || record === undefined) return undefined;
  return {
    record,
    engine,
    helperImage,
    containers: ofType(resources, "docker:index/container:Container").map((record) =>
      container(record, resources),
    ),
    networks: ofType(resources, "docker:index/network:Network").map(({ urn, id = "", inputs }) => ({
      urn,
      id,
      name: String(inputs?.["name"]),
    })),
    files: expectedFiles(resources),
  };
}

function ofType(resources: Recorded[], type: string): Recorded[] {
  return resources.filter((record) => record.type === type);
}

function container({ urn, id = "", inputs }: Recorded, resources: Recorded[]): ExpectedContainer {
  const known = reveal(inputs) as ContainerInputs;
  return {
    urn,
    id,
    name: known.name ?? "",
    networks: (known.networksAdvanced ?? []).map(({ name, aliases = [] }) => ({ name, aliases })),
    limits: {
      restart: known.restart,
      memoryBytes: known.memory === undefined ? undefined : known.memory * mebibyte,
      swapBytes: known.memorySwap === undefined ? undefined : known.memorySwap * mebibyte,
      nanoCpus: known.cpus === undefined ? undefined : Math.round(Number(known.cpus) * 1e9),
      cpuShares: known.cpuShares,
      pids: pidsOf(id, resources),
    },
    mounts: (known.volumes ?? []).flatMap(({ hostPath }) => hostPath ?? []),
  };
}

/** The provider has no property for it: a step sets it. */
function pidsOf(id: string, resources: Recorded[]): number | undefined {
  for (const { inputs } of ofType(resources, "command:local:Command")) {
    const environment = (inputs?.["environment"] ?? {}) as Record<string, string>;
    if (environment["CONTAINER_ID"] === id && environment["PIDS"] !== undefined)
      return Number(environment["PIDS"]);
  }
  return undefined;
}
