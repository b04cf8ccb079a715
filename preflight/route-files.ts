import { readFileSync } from "node:fs";
import { join } from "node:path";
import { printable } from "../settings/printable";
import type { Docker } from "../engine/docker";
import { throwAway } from "../engine/hardening";
import { rows } from "./facts";

/** Files of a directory that Traefik reads its routes from. Texts are somebody else's, made printable. */
export interface RouteFiles {
  /** Keeps Traefik from reading any of them. */
  fault?: { path: string; why: string };
  /** The first to fail is a link out of the directory, whose end is not seen from here. */
  unseen?: string;
  /** What two of them define; the first counts. */
  twice: { kind: string; name: string; path: string }[];
  /** Look like routes, and are not read. */
  ignored: string[];
}

/** Whose eyes to look with. */
export interface Reader {
  image: string;
  /** `uid:gid`; empty: root. */
  user: string;
}

/**
 * Has the image of a Traefik load a directory as that Traefik would at its next start: nobody else knows what its release takes. Changes
 * nothing, reaches nobody, and takes a second or two.
 * @throws DockerFailed where it cannot be asked.
 */
export async function routeFiles(docker: Docker, directory: string, reader: Reader): Promise<RouteFiles> {
  const first = await load(docker, directory, reader);
  if (first.fault === undefined) return first;
  // It may just be written in place.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return load(docker, directory, reader);
}

async function load(docker: Docker, directory: string, { image, user }: Reader): Promise<RouteFiles> {
  const script = readFileSync(join(__dirname, "..", "scripts/host/load-routes.sh"), "utf8");
  const isRoot = ["", "0", "root"].includes(user.split(":")[0]!);
  const said = await docker.run(
    ...throwAway,
    "--pull=never",
    "--network=none",
    "--memory=256m",
    "--pids-limit=256",
    // Root reads what is not its own there as well.
    ...(isRoot ? ["--user=0", "--cap-add=DAC_READ_SEARCH"] : [`--user=${user}`]),
    `--mount=type=bind,source=${directory},target=${directory},readonly`,
    "--tmpfs=/tmp:size=32m,mode=1777",
    `--env=DIRECTORY=${directory}`,
    "--entrypoint=sh",
    image,
    "-euc",
    script,
  );
  return routeFilesIn(said, directory);
}

/** What `scripts/host/load-routes.sh` printed. */
export function routeFilesIn(said: string, directory: string): RouteFiles {
  const found = rows(said);
  const values = (word: string) =>
    found.filter(([is]) => is === word).map(([, ...value]) => value.join("\t"));
  const ignored = values("ignored").map(printable);
  const twice = values("warn").flatMap((line) => doubleIn(line, directory));
  const [pipe] = values("pipe");
  if (pipe !== undefined)
    return { fault: { path: printable(pipe), why: "is no file, and Traefik waits for it" }, twice, ignored };
  const [failed] = values("failed");
  if (failed === undefined) return { twice, ignored };
  const fault = faultIn(failed, directory);
  return values("away").map(printable).includes(fault.path)
    ? { unseen: fault.path, twice, ignored }
    : { fault, twice, ignored };
}

interface LogLine {
  error?: unknown;
  message?: unknown;
  msg?: unknown;
  origin?: unknown;
  filename?: unknown;
}

/** Traefik names the file, then says why; a directory that it cannot read has no file. */
function faultIn(line: string, directory: string): { path: string; why: string } {
  const { error, message, msg } = JSON.parse(line) as LogLine;
  const words = [error, message, msg].find((text) => typeof text === "string") ?? line;
  const text = printable(words).replace(/\s+/g, " ");
  const at = text.indexOf(`${directory}/`);
  const [, path = directory, why = text] = at < 0 ? [] : (/^(.*?): (.*)$/.exec(text.slice(at)) ?? []);
  return { path, why: why.replace(`error reading configuration file: `, "").slice(0, 240) };
}

/** Traefik says in which file, by another word before 3.7. */
function doubleIn(line: string, directory: string): RouteFiles["twice"] {
  const entry = JSON.parse(line) as LogLine & Record<string, unknown>;
  const words = [entry.message, entry.msg].find((text) => typeof text === "string") ?? "";
  const [, kind] = /^(.*) already configured/.exec(words) ?? [];
  const [, name] = Object.entries(entry).find(([key]) => key !== "providerName" && /Name$/.test(key)) ?? [];
  if (kind === undefined || typeof name !== "string") return [];
  const file = [entry.origin, entry.filename].find((text) => typeof text === "string");
  const path = file === undefined ? directory : `${directory}/${file}`;
  return [{ kind: printable(kind), name: printable(name), path: printable(path) }];
}

/** What one file that does not load does to all, and what to do. */
export function costOfFault(directory: string): string {
  return `while it is so, Traefik follows no change of any route, and serves no route at all once it is started again: have whoever wrote it mend it, or move it out of ${directory}; files there are written beside their place and renamed (docs/shared-servers.md)`;
}
