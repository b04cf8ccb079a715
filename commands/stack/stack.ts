import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { stackVariable } from "../../settings/command";
import { Client } from "../../engine/client";
import { unprivileged } from "../../engine/hardening";
import { type LabImages, labConfig, type Runs } from "../../machine/images";
import { leaveOutSecrets } from "./local-settings";
import { projectRoot } from "../../terminal/paths";
import { localDirectory, readConfig, trackedSettings, workingCopy, writeWhole } from "./stack-file";
import { step } from "../../terminal/steps";
import type { Toolchain } from "../../machine/toolchain";

/** A stack as the Pulumi CLI is called for it. */
export interface Stack {
  name: string;
  env: NodeJS.ProcessEnv;
  /** Arguments of the commands that read settings. */
  configArgs: string[];
}

const passphraseFile = join(localDirectory, "passphrase");
/** How many files a container of an engine may open, and of which start of it. */
const limitFile = join(localDirectory, "open-files.json");
/** What the working copy says differently from the tracked settings: the engine and the images that were found. */
const overlayFile = join(localDirectory, "overlay.json");

/** Any other stack than `local`: backend, login and passphrase are the operator's, untouched. */
export function namedStack(name: string, toolchain: Toolchain): Stack {
  return { name, env: { ...toolchain, [stackVariable]: name }, configArgs: [] };
}

/** The stack `local` as it is, for commands that neither make it nor change its settings. */
export function localStack(toolchain: Toolchain): Stack {
  return {
    name: "local",
    env: {
      ...toolchain,
      [stackVariable]: "local",
      PULUMI_BACKEND_URL: `file://${localDirectory}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
    },
    configArgs: ["--config-file", workingCopy],
  };
}

export function stackNamed(name: string, toolchain: Toolchain): Stack {
  return name === "local" ? localStack(toolchain) : namedStack(name, toolchain);
}

export function localExists(): boolean {
  return existsSync(workingCopy);
}

/** Makes the stack `local` where it is not there, and its working copy from the tracked settings, every time anew. */
export async function prepareLocal(
  toolchain: Toolchain,
  engine: string,
  images: LabImages | undefined,
): Promise<Stack> {
  mkdirSync(localDirectory, { recursive: true, mode: 0o700 });
  if (!existsSync(passphraseFile)) {
    writeFileSync(passphraseFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  }
  chmodSync(passphraseFile, 0o600);

  const stack = localStack(toolchain);
  const runs = runsItself();
  const found = { "rocketchat:engine": engine, ...labConfig(images, runs) };
  const limit = runs.mongo ? await fewerOpenFiles(engine, images) : {};
  writeWhole(overlayFile, JSON.stringify(merge(found, limit)));
  remakeWorkingCopy(await saltOf(stack));
  return stack;
}

function runsItself(): Runs {
  const { config } = readConfig(trackedSettings);
  const managed = (group: string) =>
    (config[`rocketchat:${group}`] as { mode?: string } | undefined)?.mode !== "existing";
  const backup = config["rocketchat:backup"] !== undefined;
  return { mongo: managed("mongo"), ingress: managed("ingress"), backup };
}

/** An engine that was started under a limit of its own cannot give a container more. Asked once of an engine of this machine. */
async function fewerOpenFiles(
  engine: string,
  images: LabImages | undefined,
): Promise<Record<string, unknown>> {
  const started = startOf(engine);
  const known = existsSync(limitFile)
    ? (JSON.parse(readFileSync(limitFile, "utf8")) as { started: string; limit: number })
    : undefined;
  const isKnown = known !== undefined && known.started === started;
  const limit = isKnown ? known.limit : await openFilesOn(engine, images);
  if (!isKnown && started !== undefined) writeWhole(limitFile, JSON.stringify({ started, limit }));
  return Number.isInteger(limit) && limit > 0 && limit < 64000
    ? { "rocketchat:mongo": { openFiles: limit } }
    : {};
}

/** Names one start of an engine of this machine, which makes its socket anew. */
function startOf(engine: string): string | undefined {
  const socket = engine.startsWith("unix://") ? engine.slice("unix://".length) : "";
  const stat = statSync(socket, { throwIfNoEntry: false });
  return stat && `${engine} ${stat.ino} ${stat.ctimeMs}`;
}

async function openFilesOn(engine: string, images: LabImages | undefined): Promise<number> {
  const image = images?.busybox ?? (readConfig(trackedSettings).config["rocketchat:helperImage"] as string);
  const options = ["--rm", "--network", "none", ...unprivileged, "--entrypoint", "sh"];
  const answer = await new Client(engine).try(["run", ...options, image, "-c", "ulimit -Hn"]);
  return Number(answer.stdout.trim());
}

/** Takes over what changed in the tracked settings since. */
export function refreshLocal(): void {
  const { encryptionsalt } = readConfig(workingCopy);
  if (encryptionsalt !== undefined) remakeWorkingCopy(encryptionsalt);
}

/** A configuration of the stack `local` with the engine and the images that were found. */
export function withOverlay(config: Record<string, unknown>): Record<string, unknown> {
  return merge(config, JSON.parse(readFileSync(overlayFile, "utf8"))) as Record<string, unknown>;
}

function remakeWorkingCopy(encryptionsalt: string): void {
  const tracked = readConfig(trackedSettings);
  writeWhole(workingCopy, stringify({ encryptionsalt, config: withOverlay(tracked.config) }));
}

/** The salt of the stack, which is made first where there is none. */
async function saltOf(stack: Stack): Promise<string> {
  const project = join(localDirectory, "project");
  const settings = join(project, "Pulumi.local.yaml");
  const known = existsSync(settings) ? readConfig(settings).encryptionsalt : undefined;
  const made = existsSync(join(localDirectory, ".pulumi", "stacks", "rocketchat", "local.json"));
  if (known !== undefined && made) return known;
  leaveOutSecrets();
  return initStack(stack, project);
}

/**
 * Makes a stack and answers the salt of its settings. `stack init` writes the salt beside the project file, so it runs on a
 * copy of that file in `project` and leaves the tracked settings alone.
 */
export async function initStack(stack: Stack, project: string): Promise<string> {
  const settings = join(project, `Pulumi.${stack.name}.yaml`);
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "Pulumi.yaml"), readFileSync(join(projectRoot, "Pulumi.yaml")));
  await step({
    title: `making the stack ${stack.name}`,
    log: "stack-init",
    command: "pulumi",
    args: ["stack", "init", stack.name, "--cwd", project, "--non-interactive"],
    env: stack.env,
    fix: "mend what it says, then run the command again",
  });
  const { encryptionsalt } = readConfig(settings);
  if (encryptionsalt === undefined)
    throw new Error(`${settings}: has no encryptionsalt after pulumi stack init`);
  return encryptionsalt;
}

function merge(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over === undefined ? base : over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(base[key], over[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
