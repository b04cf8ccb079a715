import { randomUUID } from "node:crypto";
import { Client } from "../../engine/client";
import { Host } from "../../engine/host";
import { stackLabel } from "../../engine/labels";
import { type Previewed, type Recorded, secretMark } from "./checkpoint";
import { OperatorError } from "../../terminal/steps";

/** Stands in a preview for what is known only once it was made, such as an id. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const hidden = "[secret]";

const types = {
  collection: "pulumi-nodejs:dynamic/workspace:",
  command: "command:local:Command",
  container: "docker:index/container:Container",
  image: "docker:index/remoteImage:RemoteImage",
  network: "docker:index/network:Network",
  password: "random:index/randomPassword:RandomPassword",
};

const kinds: Record<string, "container" | "network"> = {
  [types.container]: "container",
  [types.network]: "network",
};

/** A step, or a collection of the workspace, runs again and finds its work done; it has no identity that could be lost. */
export function isStep(type: string): boolean {
  return type === types.command || type.startsWith(types.collection);
}

/** What is recorded of something that is there already. */
interface Identity {
  id: string;
  outputs: Record<string, unknown>;
}

/** Looks at an engine and its host. Reads, and changes nothing. */
export interface EngineView {
  /** Whose a container or network is, and its id; nothing when there is none of that name. */
  find(engine: string, kind: "container" | "network", name: string): Promise<Found | undefined>;
  imageId(engine: string, name: string): Promise<string | undefined>;
  /** The content of a file that a step writes; nothing when it is not there. */
  read(environment: Record<string, string>, file: string): Promise<string | undefined>;
}

export interface Found {
  id: string;
  /** The stack that its label names. */
  stack: string;
}

/** A file on the host, and the environment of the step that writes it. */
export interface Kept {
  environment: Record<string, string>;
  file: string;
}

export interface Rebuild {
  stack: string;
  /** Everything that the program makes, as the preview on an empty state shows it. */
  program: Previewed[];
  view: EngineView;
}

/**
 * The records of what a preview would create and is there already: components, providers, images, networks, containers, and
 * the random values that the host keeps. Steps are left out: they run again and find their work done.
 *
 * A resource whose inputs hang on something that is not recorded yet waits for the next preview, unless `all` is said: then it is
 * recorded without them, and the next preview shows what an `up` would do to it.
 * @param known  what is recorded already
 * @throws OperatorError when a name is taken by something that is not the stack's.
 */
export async function rebuildable(
  rebuild: Rebuild,
  planned: Previewed[],
  known: Recorded[],
  all = false,
): Promise<Recorded[]> {
  const records: Recorded[] = [];
  const recorded = (urn: string) => [...known, ...records].find((record) => record.urn === urn);
  for (const { op, newState } of planned) {
    if (op !== "create" || newState === undefined || isStep(newState.type)) continue;
    // A provider is asked with what is recorded of it: half of its inputs might ask another engine.
    if (isUnknown(newState.inputs) && (!all || isProvider(newState))) continue;
    if (newState.provider !== undefined) {
      const urn = newState.provider.slice(0, newState.provider.lastIndexOf("::"));
      if (recorded(urn) === undefined && !isDefault(urn)) continue;
      if (recorded(urn) === undefined) records.push(defaultProvider(urn));
    }
    const provider = recordOfProvider(newState, [...known, ...records]);
    const resource = { ...newState, ...whatIsKnown(newState) };
    const identity = await identify(rebuild, resource, provider);
    if (identity === undefined) continue;
    records.push({
      ...resource,
      ...(resource.custom === true ? { id: identity.id, outputs: identity.outputs } : {}),
      ...(provider === undefined ? {} : { provider: `${provider.urn}::${provider.id}` }),
      ...whatIsRecorded(resource, (urn) => recorded(urn) !== undefined),
    });
  }
  return records;
}

/**
 * What a preview knows of a resource. A placeholder is never recorded: from the state Pulumi gives the unknown to a provider as
 * null, which may refuse it, and the masked as the text that masks it.
 */
function whatIsKnown({ inputs, outputs }: Recorded): Pick<Recorded, "inputs" | "outputs"> {
  return {
    ...(inputs === undefined ? {} : { inputs: knownKeys(inputs) }),
    ...(outputs === undefined ? {} : { outputs: knownKeys(outputs) }),
  };
}

function knownKeys(properties: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(properties).map(([key, value]) => [key, knownOf(value)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<string, unknown>;
}

/** A list loses the entries that are not known. An object goes whole: half of one, such as a label without value, says something else. */
function knownOf(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(knownOf).filter((entry) => entry !== undefined && entry !== null);
  if (typeof value !== "object" || value === null) return isUnknown(value) ? undefined : value;
  const kept = knownKeys(value as Record<string, unknown>);
  return Object.keys(kept).length === Object.keys(value).length ? kept : undefined;
}

/** Pulumi refuses a record that names one that is not there. The next `up` writes them all. */
function whatIsRecorded(
  { dependencies = [], propertyDependencies = {} }: Recorded,
  isRecorded: (urn: string) => boolean,
): Pick<Recorded, "dependencies" | "propertyDependencies"> {
  return {
    dependencies: dependencies.filter(isRecorded),
    propertyDependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([name, urns]) => [name, urns.filter(isRecorded)]),
    ),
  };
}

/** The ids of the stack's containers and networks that are there. */
export async function onEngine({ stack, program, view }: Rebuild): Promise<string[]> {
  const ids: string[] = [];
  const states = program.flatMap(({ newState }) => newState ?? []);
  for (const resource of states) {
    const kind = kinds[resource.type];
    if (kind === undefined) continue;
    const engine = text(recordOfProvider(resource, states)?.inputs?.["host"]);
    const found = await view.find(engine, kind, text(resource.inputs?.["name"]));
    if (found?.stack === stack) ids.push(found.id);
  }
  return ids;
}

async function identify(
  { stack, program, view }: Rebuild,
  resource: Recorded,
  provider: Recorded | undefined,
): Promise<Identity | undefined> {
  const { type, custom, inputs = {} } = resource;
  if (custom !== true) return { id: "", outputs: {} };
  if (isProvider(resource)) {
    const outputs = Object.entries(inputs).filter(([key]) => key !== "__internal");
    return { id: randomUUID(), outputs: Object.fromEntries(outputs) };
  }
  if (type === types.password) return password(program, resource, view);

  const engine = text(provider?.inputs?.["host"]);
  const name = text(inputs["name"]);
  if (name === "") return undefined;
  if (type === types.image) {
    const id = await view.imageId(engine, name);
    return id === undefined ? undefined : { id: `${id}${name}`, outputs: inputs };
  }
  const kind = kinds[type];
  if (kind !== undefined) {
    const found = await view.find(engine, kind, name);
    if (found === undefined) return undefined;
    if (found.stack !== stack) {
      throw new OperatorError(
        `${kind} ${name}: must be of the stack ${stack} (got one of ${found.stack || "nobody we know"}); ` +
          `see whose it is, and if nobody needs it run: docker --host ${engine} ${kind} rm ${name}`,
      );
    }
    return { id: found.id, outputs: inputs };
  }
  return undefined;
}

/** Where on the host the step of the same name puts a random value; nothing for what is not one. */
export function keptIn(program: Previewed[], resource: Recorded): Kept | undefined {
  if (resource.type !== types.password) return undefined;
  const keeper = program.find(
    ({ newState }) =>
      newState !== undefined &&
      isStep(newState.type) &&
      newState.parent === resource.parent &&
      nameOf(newState.urn) === nameOf(resource.urn),
  );
  const environment = (keeper?.newState?.inputs?.["environment"] ?? {}) as Record<string, string>;
  const { FILE, DIRECTORY, NAME } = environment;
  const file = FILE ?? (DIRECTORY && NAME && `${DIRECTORY}/${NAME}`);
  return file === undefined ? undefined : { environment, file };
}

async function password(
  program: Previewed[],
  resource: Recorded,
  view: EngineView,
): Promise<Identity | undefined> {
  const kept = keptIn(program, resource);
  const value = kept && (await view.read(kept.environment, kept.file));
  return value ? { id: "none", outputs: passwordOutputs(resource.inputs ?? {}, value) } : undefined;
}

/** As the provider records it, but for the bcrypt hash, which nothing here reads. */
function passwordOutputs(inputs: Record<string, unknown>, result: string): Record<string, unknown> {
  const numeric = inputs["numeric"] ?? true;
  return {
    lower: true,
    upper: true,
    numeric,
    number: numeric,
    special: true,
    minLower: 0,
    minUpper: 0,
    minNumeric: 0,
    minSpecial: 0,
    ...inputs,
    result: secret(result),
    bcryptHash: secret(""),
  };
}

/** As a deployment writes a secret that is not encrypted yet. */
function secret(value: string) {
  return {
    [secretMark.key]: secretMark.value,
    plaintext: JSON.stringify(value),
  };
}

/** `urn:…::pulumi:providers:random::default_4_21_2`, which Pulumi makes by itself and no preview shows. */
function defaultProvider(urn: string): Recorded {
  const [type = "", name = ""] = urn.split("::").slice(-2);
  const properties = { version: name.replace("default_", "").replaceAll("_", ".") };
  return { urn, type, custom: true, id: randomUUID(), inputs: properties, outputs: properties };
}

function isProvider({ type }: Recorded): boolean {
  return type.startsWith("pulumi:providers:");
}

function isDefault(provider: string): boolean {
  return nameOf(provider).startsWith("default_");
}

function recordOfProvider({ provider }: Recorded, records: Recorded[]): Recorded | undefined {
  return records.find(({ urn }) => provider?.startsWith(`${urn}::`));
}

function isUnknown(value: unknown): boolean {
  const json = JSON.stringify(value ?? null);
  return json.includes(unknown) || json.includes(hidden);
}

export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The host behind an engine, by the docker CLI. */
export function dockerView(env: NodeJS.ProcessEnv): EngineView {
  const inspect = async (engine: string, kind: string, name: string, format: string) => {
    const answer = await new Client(engine, env).try([kind, "inspect", "--format", format, name]);
    if (answer.status === 0) return answer.stdout.trim();
    if (/no such|not found/i.test(answer.stderr)) return undefined;
    throw new OperatorError(
      `engine: must answer (got ${engine}: ${answer.stderr.trim()}); try: docker --host ${engine} version`,
    );
  };
  return {
    find: async (engine, kind, name) => {
      const labels = kind === "container" ? ".Config.Labels" : ".Labels";
      const format = `{{.Id}} {{index ${labels} "${stackLabel}"}}`;
      const [id, stack = ""] = (await inspect(engine, kind, name, format))?.split(" ") ?? [];
      return id === undefined ? undefined : { id, stack };
    },
    imageId: (engine, name) => inspect(engine, "image", name, "{{.Id}}"),
    read: async (environment, file) => {
      const { DOCKER_HOST: engine = "", HELPER_IMAGE = "", MOUNT = "" } = environment;
      const host = new Host(engine, HELPER_IMAGE, env);
      const answer = await host.tryScript("scripts/host/read-file.sh", MOUNT, { FILE: file });
      if (answer.status !== 0)
        throw new OperatorError(`${answer.stderr.trim()}\n${file}: could not be read on ${engine}`);
      return answer.stdout === "" ? undefined : answer.stdout;
    },
  };
}
