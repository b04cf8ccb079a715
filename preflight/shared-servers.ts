import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { workspaceName } from "../inventory/rocketchat";
import { existingMongoCheck } from "../settings/existing-mongo";
import type { ExistingIngress, FileIngress } from "../settings/ingress";
import type { ExistingMongo } from "../settings/mongo";
import { type Problem, refusal } from "../settings/problems";
import { routeMark } from "../settings/route-mark";
import type { Settings, PlainSettings } from "../settings/schema";
import { hurried } from "../engine/client";
import { Docker, DockerFailed } from "../engine/docker";
import { throwAway } from "../engine/hardening";
import { Host } from "../engine/host";
import { lenderOf, shortReadTimes } from "./lender";
import { costOfFault, routeFiles } from "./route-files";

const root = join(__dirname, "..");

/**
 * What can be seen of servers that others run, before anything is changed. Nothing is changed here either.
 * @throws RunError that names the key, the rule, what was found and the fix.
 */
export async function sharedServers(settings: Settings): Promise<void> {
  const { ingress, mongo } = settings;
  if (mongo.mode === "existing") await checkMongo(settings, mongo);
  if (ingress.mode === "existing") await checkTraefik(settings, ingress);
}

async function checkMongo(settings: Settings, mongo: ExistingMongo): Promise<void> {
  await ensureNetwork(settings, "mongo.network", mongo.network);
  const environment = existingMongoCheck(settings, mongo);
  const { mongoAdminPassword } = settings.secrets;
  const answer = await hostOf(settings).mongosh("scripts/mongo/check-existing.js", mongo, environment, {
    adminPassword: mongoAdminPassword && (await valueOf(mongoAdminPassword)),
  });
  if (answer.status !== 0) throw refusal(lastLine(answer.stderr));
}

async function checkTraefik(settings: Settings, ingress: ExistingIngress): Promise<void> {
  await ensureNetwork(settings, "ingress.network", ingress.network);
  if (ingress.render === "file") await ensureDirectory(settings, ingress);
  await ensureAnswers(settings, ingress);
  for (const { key, rule, value, fix } of await unwise(settings, ingress))
    await pulumi.log.warn(`${key}: ${rule} (${value}); ${fix}`);
}

/** What is the lender's to mend, and stops nothing. What cannot be seen is no fault. */
export async function unwise(settings: PlainSettings, ingress: ExistingIngress): Promise<Problem[]> {
  const docker = new Docker(settings.engine, Date.now() + 15_000);
  try {
    const lender = await lenderOf(docker, ingress);
    if (lender === undefined) return [];
    const short = shortReadTimes(settings, ingress, lender);
    if (ingress.render === "labels") return short;
    const directory = ingress.dynamicDirectory;
    const { fault } = await routeFiles(docker, directory, lender).catch(nothingSeen);
    if (fault === undefined) return short;
    const rule = "must be a directory in which every file loads";
    const value = `got ${fault.path}: ${fault.why}`;
    const key = "ingress.dynamicDirectory";
    return [...short, { key, rule, value, fix: costOfFault(directory), advice: true }];
  } catch (error) {
    if (error instanceof DockerFailed) return [];
    throw error;
  }
}

function nothingSeen(error: unknown): { fault?: undefined } {
  if (error instanceof DockerFailed) return {};
  throw error;
}

async function ensureNetwork(settings: Settings, key: string, network: string): Promise<void> {
  const answer = await hostOf(settings).try(["network", "inspect", network]);
  if (answer.status === 0) return;
  throw refusal(
    `${key}: must be a network of the engine (got ${network}: ${lastLine(answer.stderr)}); see docker network ls, or make it and join the server to it: docker network create ${network}`,
  );
}

/** Asked from Rocket.Chat's own image, which has node: a busybox may have no tool that tells. */
async function ensureAnswers(settings: Settings, { address, network }: ExistingIngress): Promise<void> {
  const { name, port } = address;
  const environment = [`--env=ADDRESS=${name}`, `--env=PORT=${port}`];
  const options = ["--interactive", "--network", network, "--entrypoint", "node", ...environment];
  const answer = await hostOf(settings).try(small(options, [settings.rocketchat.image, "-"]), {
    input: readFileSync(join(root, "scripts/rocketchat/reach.js"), "utf8"),
  });
  if (answer.status === 0) return;
  throw refusal(
    `ingress.address: must answer on the network ${network} (got ${name}:${port}, ${lastLine(answer.stderr)}); correct it, or join Traefik: docker network connect --alias ${name} ${network} CONTAINER`,
  );
}

async function ensureDirectory(settings: Settings, { dynamicDirectory }: FileIngress): Promise<void> {
  const workspace = workspaceName(settings);
  const file = `${dynamicDirectory}/${workspace}.yml`;
  const mount = `type=bind,source=${dynamicDirectory},target=${dynamicDirectory},readonly`;
  const read = ["sh", "-euc", readFileSync(join(root, "scripts/host/mark-of.sh"), "utf8")];
  const options = [
    "--network=none",
    "--cap-add=DAC_READ_SEARCH",
    "--user=0",
    `--mount=${mount}`,
    `--env=FILE=${file}`,
  ];
  const answer = await hostOf(settings).try(small(options, [settings.helperImage, ...read]));
  if (/bind source path does not exist/.test(answer.stderr)) {
    throw refusal(
      `ingress.dynamicDirectory: must be the directory that Traefik's file provider watches (got ${dynamicDirectory}, which is not there); correct it`,
    );
  }
  if (answer.status !== 0) {
    throw refusal(
      `ingress.dynamicDirectory: must be readable (got ${dynamicDirectory}: ${lastLine(answer.stderr)}); correct it`,
    );
  }
  const mark = answer.stdout.trim();
  if (answer.stdout !== "" && mark !== routeMark(workspace)) {
    throw refusal(
      `ingress.dynamicDirectory: must hold no ${workspace}.yml of anybody else (got one without this workspace's mark); move it away, or change prefix`,
    );
  }
}

/** `docker run` of something that needs little. */
function small(options: string[], command: string[]): string[] {
  return [...throwAway, "--memory", "128m", "--pids-limit", "64", ...options, ...command];
}

/** Whoever deploys waits for it. */
function hostOf({ engine, helperImage }: Settings): Host {
  return new Host(engine, helperImage, hurried());
}

function valueOf(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => output.apply(resolve));
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "no answer";
}
