import type { Docker } from "../engine/docker";
import type { Listener } from "./listeners";

/** Something on the engine, and the stack whose label it carries. */
export interface Labelled {
  name: string;
  /** Of `rocketchat.stack`; empty where nobody labelled it. */
  stack: string;
}

export interface Container extends Labelled {
  /** Ports of the host that it publishes now. */
  ports: Listener[];
}

/** Something of the host inside a container. */
export interface Mounted {
  container: string;
  /** Inside it. */
  path: string;
  /** On the host. */
  source: string;
}

/** A path on the host. */
export interface Place {
  kind: "directory" | "file" | "missing";
  /** Names of what is in it; 200 at most. */
  entries: string[];
  /** The disk that it lies on, or would. */
  device: string;
  freeBytes: number;
  /** Of the directory itself, where it is one, then of each above it that exists. */
  owners: Owned[];
}

/** Where a directory is, with the links on the way followed; undefined where it is none, or unknown. */
export function realPath(place: Place | undefined): string | undefined {
  return place?.kind === "directory" ? place.owners[0]?.path : undefined;
}

/** A directory of the host, and whose it is. */
export interface Owned {
  path: string;
  uid: number;
  gid: number;
  /** As chmod takes it. */
  mode: number;
}

/** The engine as it answers first. */
export interface EngineFacts {
  version: string;
  os: string;
  /** As Go names it: amd64, arm64. */
  arch: string;
}

/** What checks may ask about. */
export interface HostFacts {
  engine: EngineFacts;
  /** Docker's own directory on the host. */
  dataRoot: string;
  /** The kernel's release; empty where the engine does not tell. */
  kernel: string;
  containers: Container[];
  networks: Labelled[];
  /** Directories and files of the host that this stack's containers have. */
  mounts: Mounted[];
  /** Where the last deployment left the settings' directories and its database, by key; empty where the host has no note of it. */
  noted: Map<string, string>;
  /** Platforms of the settings' images, where the engine has them. */
  images: Map<string, { os: string; arch: string }>;
  /** Sockets of the host that listen. */
  listeners: Listener[];
  /** Data root, the settings' directories, now and as noted, and what is in them, by path. */
  places: Map<string, Place>;
  hasAvx: boolean;
  /** For a check that asks for more. */
  docker: Docker;
}
