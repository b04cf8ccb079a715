import { OperatorError } from "../../terminal/steps";
import type { Database, Definition } from "./collections";
import type { Site } from "./site";
import type { Manifest } from "./snapshots";
import type { Worker } from "./worker";

/** A collection as a dump describes it. */
export interface Described {
  name: string;
  /** `collection`, `view` or `timeseries`. */
  type: string;
  options: Definition;
}

/** What a dump holds besides documents, and what a restore makes of it. */
export interface Contents {
  /** Made by their definitions once what they read has its name: under another one they would read what is there now. */
  views: Record<string, Definition>;
  /** Collections with a validator. It does not let in documents that are older than it is. */
  validated: string[];
  /** MongoDB keeps their data in collections of its own, which have their names for ever. */
  timeSeries: string[];
  /** What a restore does not bring back. */
  lost: string[];
}

/** Looks into a dump that was fetched. */
export async function readContents(worker: Worker, archive: string, manifest: Manifest): Promise<Contents> {
  return contentsOf(
    await worker.offline<Described[]>("scripts/mongo/archive-contents.js", { ARCHIVE: archive }),
    manifest,
  );
}

export function contentsOf(described: Described[], { leftOut = [] }: Pick<Manifest, "leftOut">): Contents {
  const namesOf = (is: (one: Described) => unknown) => described.filter(is).map(({ name }) => name);
  const timeSeries = namesOf(({ type }) => type === "timeseries");
  const system = namesOf(({ name }) => /^system\.(?!views$|buckets\.|profile$)/.test(name));
  const views = described.filter(({ type }) => type === "view");
  return {
    views: Object.fromEntries(views.map(({ name, options }) => [name, options])),
    validated: namesOf(({ options }) => options["validator"]),
    timeSeries,
    lost: [...new Set([...leftOut, ...timeSeries, ...system])],
  };
}

/** Told with every restore and drill: a part of the database that comes back from nowhere. */
export function lostLine({ lost }: Contents): string | undefined {
  return lost.length === 0
    ? undefined
    : `not brought back: ${lost.join(", ")} (a time series or a collection of MongoDB's own; docs/backup.md says what to do about it)`;
}

/** Options of mongorestore. @param without What it leaves out. */
export function loadOptions(database: string, { validated }: Contents, without: string[]): string[] {
  return [
    ...(validated.length > 0 ? ["--bypassDocumentValidation"] : []),
    ...without.map((name) => `--nsExclude=${database}.${name.replace(/[\\*]/g, "\\$&")}`),
  ];
}

/** @throws OperatorError where the dump cannot be loaded into the database, or cannot get its names there. */
export function refuseUnloadable(contents: Contents, manifest: Manifest, now: Database, site: Site): void {
  const { validated, views } = contents;
  const lost = new Set(contents.lost);
  const names = new Set([...Object.keys(manifest.collections), ...Object.keys(views)]);
  const inTheWay = now.collections
    .filter(({ name, type }) => type === "timeseries" && names.has(name) && !lost.has(name))
    .map(
      ({ name }) =>
        `collection ${name}: must be none, or an ordinary one (got a time series, which cannot make room for the snapshot's collection of that name); move it to a database of its own, docs/backup.md says how`,
    );
  const notAllowed =
    validated.length === 0 || now.mayBypassValidators
      ? []
      : [
          `mongo.user: must be allowed to load documents that are older than their collection's validator (got ${site.settings.mongo.user} without bypassDocumentValidation, and ${validated.join(", ")}); deploy first, which allows it: ${site.command("up")}`,
        ];
  const faults = [...inTheWay, ...notAllowed];
  if (faults.length > 0) throw new OperatorError(faults.join("\n"));
}
