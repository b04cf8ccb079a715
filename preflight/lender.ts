import type { ExistingIngress } from "../settings/ingress";
import type { Problem } from "../settings/problems";
import { holdTime, requestTime } from "../settings/request-time";
import type { PlainSettings } from "../settings/schema";
import type { Docker } from "../engine/docker";
import { rows } from "./facts";

/** The container of a Traefik, as the engine tells of it. */
export interface TraefikContainer {
  name: string;
  /** Id of its image. */
  image: string;
  /** Empty: the image's own. */
  user: string;
  /** The program and its arguments. */
  command: string[];
  environment: string[];
  /** Where files of the host are mounted in it. */
  mountedAt: string[];
}

/**
 * The container that a borrower knows by a name on a network.
 * @returns nothing where none of them bears that name: Traefik may run without Docker
 * @throws DockerFailed
 */
export async function lenderOf(
  docker: Docker,
  { address, network }: ExistingIngress,
): Promise<TraefikContainer | undefined> {
  const ids = await docker.run("ps", "--quiet", "--no-trunc", "--filter", `network=${network}`);
  if (ids === "") return undefined;
  const format = "{{.Id}}\t{{.Name}}\t{{json .NetworkSettings.Networks}}";
  const found = await docker.run("container", "inspect", "--format", format, ...ids.split("\n"));
  for (const [id = "", name = "", networks = "{}"] of rows(found)) {
    const joined = (JSON.parse(networks) as Record<string, { Aliases: string[] | null } | undefined>)[
      network
    ];
    if (joined === undefined) continue;
    if (name === `/${address.name}` || (joined.Aliases ?? []).includes(address.name))
      return containerOf(docker, id);
  }
  return undefined;
}

/** @throws DockerFailed where there is none. */
export async function containerOf(docker: Docker, name: string): Promise<TraefikContainer> {
  const fields = [".Name", ".Image", ".Config.User", ".Path", ".Args", ".Config.Env", ".Mounts"];
  const format = fields.map((field) => `{{json ${field}}}`).join("\t");
  const parts = (await docker.run("container", "inspect", "--format", format, name)).split("\t");
  const [named, image, user, path, args, environment, mounts] = parts.map(
    (part) => JSON.parse(part) as unknown,
  ) as [string, string, string, string, string[] | null, string[] | null, { Destination: string }[] | null];
  return {
    name: named.slice(1),
    image,
    user,
    command: [path, ...(args ?? [])],
    environment: environment ?? [],
    mountedAt: (mounts ?? []).map(({ Destination }) => Destination),
  };
}

/** Traefik's own, where nothing is said. */
const defaultSeconds = 60;

/**
 * Entry points of a Traefik that cut a request while a route holds it: the time counts from its first byte, and a POST over HTTP/1.1
 * whose body did not come with its headers is not whole before it was passed on.
 */
export function shortReadTimes(
  { uploads }: PlainSettings,
  { entryPoints }: ExistingIngress,
  traefik: TraefikContainer,
): Problem[] {
  return entryPoints.flatMap((name) => {
    const seconds = readSeconds(traefik, name);
    if (seconds === undefined || seconds === 0 || seconds >= holdTime.toSeconds()) return [];
    const key = `entrypoints.${name}.transport.respondingtimeouts.readtimeout`;
    return [
      {
        key: "ingress.entryPoints",
        rule: `must give a request ${holdTime.toString()} or more, as long as one is held while Rocket.Chat restarts, or a POST whose body comes after its headers is cut`,
        value: `got ${seconds} seconds at the entry point ${name} of the container ${traefik.name}`,
        fix: `start that Traefik with --${key}=${requestTime(uploads.maxSize).toDocker()}, which is enough for uploads on slow lines as well`,
        advice: true,
      },
    ];
  });
}

/**
 * How long a request may take to come in at an entry point, 0 for ever.
 * @returns nothing where it cannot be seen: a configuration file stands before flags, and flags before variables
 */
export function readSeconds(traefik: TraefikContainer, entryPoint: string): number | undefined {
  const flags = new Map<string, string>();
  for (const argument of traefik.command) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name !== undefined) flags.set(name.toLowerCase(), value ?? "true");
  }
  const variables = new Map<string, string>();
  for (const variable of traefik.environment) {
    const [, name, value = ""] = /^TRAEFIK_([^=]+)=(.*)$/s.exec(variable) ?? [];
    if (name !== undefined) variables.set(name.toLowerCase().replaceAll("_", "."), value);
  }
  const mayHaveFile =
    flags.has("configfile") ||
    variables.has("configfile") ||
    traefik.mountedAt.some((path) => /^\/(etc(\/traefik)?|(.*\/)?traefik\.(ya?ml|toml))$/i.test(path));
  if (mayHaveFile) return undefined;
  const said = flags.size > 0 ? flags : variables;
  const point = `entrypoints.${entryPoint.toLowerCase()}`;
  if (![...said.keys()].some((name) => name === point || name.startsWith(`${point}.`))) return undefined;
  const value = said.get(`${point}.transport.respondingtimeouts.readtimeout`);
  return value === undefined ? defaultSeconds : goSeconds(value);
}

const secondsPer: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** As Traefik reads it: Go's durations, and seconds where there is no unit. */
function goSeconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+(\.\d*)?(h|m|s|ms|us|µs|ns))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)/g)]
    .map(([, number, unit]) => Number(number) * secondsPer[unit!]!)
    .reduce((sum, part) => sum + part, 0);
}
