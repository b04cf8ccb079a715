import type { PlainSettings } from "../settings/schema";
import { backup } from "./backup";
import { hostPart } from "./host";
import { mongo } from "./mongo";
import type { Container, Directory, Home, Image, Kind, Network, Part } from "./part";
import { rocketchat } from "./rocketchat";
import { testCa } from "./test-ca";
import { throwAwayNames } from "./throw-away";
import { traefik } from "./traefik";

/**
 * Every part that has a container. A new one is a file and a word here. What lists parts has them in this order, the note that the host
 * keeps for the next deployment too: a new one goes to the end.
 */
const kinds: Kind[] = [rocketchat, mongo, traefik, testCa, backup];

/** What a stack consists of, as its settings decide it: everything that lists parts reads this. */
export interface Inventory {
  /** In the order of `kinds`, as what is taken out of them below; the host's is the last. */
  parts: Part[];
  /** Those that run all the time. */
  containers: (Container & { role: string })[];
  /** Those that the stack makes. */
  networks: Network[];
  images: Image[];
  /** Those that are the stack's own, made by these settings or by earlier ones. */
  directories: Directory[];
  /** Those whose owner writes data into them, each named by a setting. */
  dataDirectories: (Directory & { key: string })[];
  homes: InventoriedHome[];
}

export interface InventoriedHome extends Home {
  part: Part;
  /** Absolute paths that nobody but this project may have filled. */
  contents: string[];
}

/** Pure: it asks nobody, and the same settings give the same. */
export function inventoryOf(settings: PlainSettings): Inventory {
  const host = hostPart(settings);
  const running = kinds.map((kind) => kind.partOf(settings));
  const parts = [...running, host];
  const directories = parts.flatMap((part) => part.directories).filter(({ holds }) => holds !== "borrowed");
  return {
    parts,
    containers: parts.flatMap(({ role, container }) => (container ? [{ role, ...container }] : [])),
    networks: parts.flatMap(({ networks }) => networks).filter(({ own }) => own),
    images: [host, ...running].flatMap(({ images }) => images),
    directories,
    dataDirectories: parts
      .filter(({ home }) => home !== undefined)
      .flatMap(({ directories: its }) => its)
      .filter((one): one is Directory & { key: string } => one.holds === "data" && one.key !== undefined),
    homes: parts.flatMap((part) => (part.home ? [{ ...part.home, part, contents: contentsOf(part) }] : [])),
  };
}

/** What the container of each part is called, whether it runs or not. */
export function partNames(settings: PlainSettings): string[] {
  return kinds.map((kind) => (kind === mongo ? settings.mongo.hostname : kind.standardName(settings)));
}

/** As `partNames`, with what MongoDB is called where no setting says otherwise. */
export function everyPartName(settings: PlainSettings): string[] {
  return [...new Set([...partNames(settings), mongo.standardName(settings)])];
}

/** What no setting may call MongoDB: the name of another part, or of what a command makes for a while and removes. */
export function namesBesideMongo(settings: Pick<PlainSettings, "prefix">): string[] {
  const others = kinds.filter((kind) => kind !== mongo).map((kind) => kind.standardName(settings));
  return [...others, ...Object.values(throwAwayNames(settings))];
}

function contentsOf({ directories }: Part): string[] {
  return directories
    .filter(({ holds }) => holds === "data" || holds === "configuration")
    .map(({ path }) => path);
}
