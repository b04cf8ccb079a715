import { workspaceName } from "../../inventory/rocketchat";
import { dynamicDirectory, traefikName, traefikUser } from "../../inventory/traefik";
import type { FileIngress } from "../../settings/ingress";
import { containerOf, lenderOf, shortReadTimes, type TraefikContainer } from "../../preflight/lender";
import { Docker, DockerFailed } from "../../engine/docker";
import { costOfFault, type Reader, type RouteFiles, routeFiles } from "../../preflight/route-files";
import type { PlainSettings } from "../../settings/schema";
import type { Observation } from "./observation";

type Told = Pick<Observation, "otherwise" | "notes">;

const patienceMs = 30_000;

/**
 * What files of others do to this stack's route, and what a borrowed Traefik does to held requests. Changes nothing.
 * @returns what keeps routes from being served as `otherwise`, the rest as `notes`
 */
export async function askRoutes(settings: PlainSettings): Promise<Told> {
  const { ingress } = settings;
  const docker = new Docker(settings.engine, Date.now() + patienceMs);
  try {
    if (ingress.mode === "managed") {
      const own = await containerOf(docker, traefikName(settings)).catch(ifMissing);
      const reader = own ?? { image: ingress.image, user: traefikUser };
      return await askFiles(docker, settings, dynamicDirectory(ingress), reader);
    }
    const lender = await lenderOf(docker, ingress);
    const cut =
      lender === undefined
        ? []
        : shortReadTimes(settings, ingress, lender).map(
            ({ key, rule, value, fix }) => `${key}: ${rule} (${value}); ${fix}`,
          );
    if (ingress.render === "labels") return { otherwise: [], notes: cut };
    const files = await askLent(docker, settings, ingress, lender);
    return { otherwise: files.otherwise, notes: [...cut, ...files.notes] };
  } catch (error) {
    if (!(error instanceof DockerFailed)) throw error;
    const why = error.said.trim().split("\n").at(-1) || "no answer in time";
    return { otherwise: [], notes: [`files of routes: could not be looked at (${why})`] };
  }
}

async function askLent(
  docker: Docker,
  settings: PlainSettings,
  { address, dynamicDirectory, network }: FileIngress,
  lender: TraefikContainer | undefined,
): Promise<Told> {
  if (lender !== undefined) return askFiles(docker, settings, dynamicDirectory, lender);
  const why = `no container by the name ${address.name} on the network ${network}, whose image would tell`;
  return { otherwise: [], notes: [`files of routes in ${dynamicDirectory}: not looked at (${why})`] };
}

async function askFiles(
  docker: Docker,
  settings: PlainSettings,
  directory: string,
  reader: Reader,
): Promise<Told> {
  return toldOf(await routeFiles(docker, directory, reader), directory, workspaceName(settings));
}

/** @param workspace Names in Traefik that are this stack's begin with it. */
export function toldOf(
  { fault, ignored, twice, unseen }: RouteFiles,
  directory: string,
  workspace: string,
): Told {
  const isOurs = (name: string) => name === workspace || name.startsWith(`${workspace}-`);
  const doubles = twice.map(({ kind, name, path }) => ({
    isOurs: isOurs(name),
    line: `${path}: ${kind} ${name} is in another file of ${directory} as well, and the first file counts; rename one`,
  }));
  return {
    otherwise: [
      ...(fault === undefined
        ? []
        : [`${fault.path}: does not load (${fault.why}); ${costOfFault(directory)}`]),
      ...doubles.filter((one) => one.isOurs).map(({ line }) => line),
    ],
    notes: [
      ...(unseen === undefined
        ? []
        : [
            `${unseen}: leads out of ${directory}, so that it was not seen whether it loads, nor what comes after it; look in Traefik's own log`,
          ]),
      ...doubles.filter((one) => !one.isOurs).map(({ line }) => line),
      ...ignored.map((path) => `${path}: is not read by Traefik, for the end of its name`),
    ],
  };
}

function ifMissing(error: unknown): undefined {
  if (!(error instanceof DockerFailed)) throw error;
}
