import { engineFault } from "../engine/fault";
import { got, problemsError, type Problem, refusal } from "../settings/problems";
import type { PlainSettings } from "../settings/schema";
import { architecture } from "./architecture";
import type { Check } from "./check";
import { directories } from "./directories";
import { Docker, DockerFailed } from "../engine/docker";
import { engineFacts, hostFacts, imagesOn } from "./facts";
import type { EngineFacts, HostFacts } from "./host-facts";
import { links } from "./links";
import { moved } from "./moved";
import { hostTime } from "./host-time";
import { loopback } from "./loopback";
import { names } from "./names";
import { otherDatabase } from "./other-database";
import { parents } from "./parents";
import { ports } from "./ports";
import { fromHere, publicName } from "./public-name";
import { releases } from "./releases";
import { restoring } from "./restoring";
import { room } from "./room";
import { version } from "./version";

/** Every check, in the order in which their faults are shown. A new one is a file and a word here. */
const checks: Check[] = [
  version,
  architecture,
  releases,
  loopback,
  publicName(fromHere),
  names,
  ports,
  moved,
  otherDatabase,
  directories,
  parents,
  links,
  room,
  hostTime,
  restoring,
];

/** Time for all of it, and for the first answer. */
const allMs = 14_500;
const firstAnswerMs = 10_000;

/**
 * What is at fault on the engine and its host, and what is only unwise (`advice`). Without the SDK of Pulumi, which takes a third of a second
 * to load: commands ask it, too.
 * @param going Names of containers that make way before the deployment: they may hold its names and ports until then. @default none
 * @throws RunError when the engine does not answer.
 */
export async function faultsOn(settings: PlainSettings, going: string[] = []): Promise<Problem[]> {
  const deadline = Date.now() + allMs;
  const engine = await firstAnswer(settings.engine);
  const docker = new Docker(settings.engine, deadline);
  const images = await imagesOn(settings, docker);
  const { facts, missing } = await lookAround(settings, docker, engine, images);
  const host = { ...facts, containers: facts.containers.filter(({ name }) => !going.includes(name)) };
  const asked = going.length === 0 ? checks : checks.filter((check) => check !== ports);
  const found = (await Promise.all(asked.map(async (check) => await check(settings, host)))).flat();
  // Where the helper image is at fault itself, that is why nothing could be seen.
  return missing === undefined || found.some(({ key }) => key === "helperImage")
    ? found
    : [missing, ...found];
}

async function firstAnswer(engine: string): Promise<EngineFacts> {
  try {
    return await engineFacts(new Docker(engine, Date.now() + firstAnswerMs));
  } catch (error) {
    if (!(error instanceof DockerFailed)) throw error;
    if (error.missing) {
      throw refusal(
        "engine: is reached with the docker CLI (got no docker on the PATH); install Docker's CLI on this machine",
      );
    }
    const { rule, fix } = engineFault(engine, error.said);
    throw refusal(`engine: ${rule} (got ${engine}); ${fix}`);
  }
}

/** All facts, or those that can be had without the helper image, and why. */
async function lookAround(
  settings: PlainSettings,
  docker: Docker,
  engine: EngineFacts,
  images: HostFacts["images"],
): Promise<{ facts: HostFacts; missing?: Problem }> {
  const { helperImage } = settings;
  if (!images.has(helperImage)) {
    // The only wait that the time limit leaves out: a first deployment over a slow line.
    const fetched = await docker
      .until(Date.now() + 300_000)
      .run("pull", "--quiet", helperImage)
      .then(() => undefined, saidBy);
    docker = docker.until(Date.now() + allMs / 2);
    if (fetched !== undefined) {
      const fix = "see that the engine reaches its registry, or name one that it has";
      const missing = problem(
        "helperImage",
        `must be an image that the engine can fetch (${fetched})`,
        helperImage,
        fix,
      );
      return { facts: await hostFacts(settings, docker, engine, images, false), missing };
    }
  }
  try {
    return { facts: await hostFacts(settings, docker, engine, images, true) };
  } catch (error) {
    const fix = `try: docker --host ${settings.engine} run --rm ${helperImage} true`;
    const missing = problem("engine", `must run the helper image (${saidBy(error)})`, helperImage, fix);
    const facts = await hostFacts(settings, docker, engine, images, false).catch(() => undefined);
    if (facts === undefined) throw problemsError(settings.stack, "on the engine", [missing]);
    return { facts, missing };
  }
}

function problem(key: string, rule: string, value: string, fix: string): Problem {
  return { key, rule, value: got(value), fix };
}

function saidBy(error: unknown): string {
  if (!(error instanceof DockerFailed)) throw error;
  return error.reason;
}
