import type { PlainSettings } from "../settings/resolve";
import { backup } from "./backup";
import { hostPart } from "./host";
import { mongo } from "./mongo";
import type { Container, Directory, Home, Image, Kind, Network, Part } from "./part";
import { rocketchat } from "./rocketchat";
import { testCa } from "./test-ca";
import { throwAwayNames } from "./throw-away";
import { traefik } from "./traefik";

/** Every part that has a container. A new one is a file and a word here; what lists parts reads them in this order. */
const kinds: Kind[] = [rocketchat, mongo, traefik, testCa, backup];

/** What a stack consists of, as its settings decide it: everything that lists parts reads this. */
export interface Inventory {
  parts: Part[];
  /** Those that run all the time, as all lists: of all parts, in their order. */
  containers: (Container & { role: string })[];
  /** Those that the stack makes. */
  networks: Network[];
  images: Image[];
  /** Those of the settings' that are the stack's own, made or not. */
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
  const parts = [...kinds.map((kind) => kind.partOf(settings)), host];
  const directories = parts.flatMap((part) => part.directories).filter(({ holds }) => holds !== "borrowed");
  return {
    parts,
    containers: parts.flatMap(({ role, container }) => (container ? [{ role, ...container }] : [])),
    networks: parts.flatMap(({ networks }) => networks).filter(({ own }) => own),
    images: [...new Set([host, ...parts])].flatMap(({ images }) => images),
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
