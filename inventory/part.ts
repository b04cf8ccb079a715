import type { PlainSettings } from "../settings/schema";

/** A part of the stack: what it has on the engine and on its host. Others may run it; then little of it is here. */
export interface Part {
  /** Logical name of its container in the program, such as `mongo`. */
  role: string;
  /** Undefined where the stack runs none: others do, or nobody does with these settings. */
  container?: Container;
  /** Images that it needs, its container's first. */
  images: Image[];
  networks: Network[];
  directories: Directory[];
  /** The directory of the settings in which it has its fixed places; undefined where it has none of its own. */
  home?: Home;
}

/** A part as its file gives it. */
export interface Kind {
  /** The name of its container where no setting says otherwise, whether it runs or not. */
  standardName: (settings: Pick<PlainSettings, "prefix">) => string;
  partOf: (settings: PlainSettings) => Part;
}

/** A container that runs all the time. */
export interface Container {
  name: string;
  /** The setting that decides the name. */
  key: string;
  /** Exact name of its image. */
  image: string;
  /** Names of the networks that it is on. */
  networks: string[];
  mounts: Mount[];
  ports: Port[];
}

export interface Mount {
  /** Absolute path on the host. */
  source: string;
  /** Absolute path in the container. */
  target: string;
  readOnly: boolean;
}

/** A port of the host that it publishes. */
export interface Port {
  key: string;
  /** Address of the host. */
  address: string;
  port: number;
}

export interface Image {
  key: string;
  name: string;
  /** What it takes while it is fetched and unpacked, rounded up. */
  mebibytes: number;
}

export interface Network {
  role: "edge" | "data" | "egress";
  name: string;
  /** The setting that decides the name. */
  key: string;
  /** This stack makes it. */
  own: boolean;
}

/**
 * What lies in a directory. Losing `data` or `secrets` loses what nobody can make again; a deployment makes `configuration` and `tools`
 * anew. `borrowed` is others' directory, in which one file is this stack's.
 */
export type Holding = "data" | "secrets" | "configuration" | "tools" | "borrowed";

/** A directory of the host, or one file of it. */
export interface Directory {
  /** As `Storage` calls it, where that makes it. */
  role: string;
  path: string;
  /** The setting that names it; undefined where it has its fixed place in its part's home. */
  key?: string;
  holds: Holding;
  /** These settings make it. Otherwise earlier ones may have. */
  made: boolean;
  /** It is left when all data are deleted. @default false */
  stays?: boolean;
}

/** A directory of the settings in which a part's directories lie, and what shows that this project made what is there. */
export interface Home {
  key: string;
  path: string;
  /** A directory in which a file shows it. */
  proofIn: string;
  proof: (file: string) => boolean;
  /** The proof in words. */
  proofText: string;
  /** What may be there before the proof is: a first deployment may have been interrupted. */
  early: (file: string) => boolean;
  /** The directory that grows, and what it takes at first and must be left to go on. */
  room: { path: string; first: number; later: number; reason: string };
}
