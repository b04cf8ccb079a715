import { envFile } from "../../inventory/rocketchat";
import { listenersIn, publishedIn } from "../../preflight/listeners";
import { OperatorError } from "../../terminal/steps";
import { containerFacts, type Inspected, type InspectedImage } from "./container-facts";
import type { EnvFile } from "./env-file";
import type { ContainerFacts, DatabaseFacts, Facts, Login, SettingFields } from "./facts";
import { throwAway } from "../../engine/hardening";
import type { Host } from "../../engine/host";
import { type MongoUrl, parseMongoUrl } from "./mongo-url";

export interface InspectOptions {
  chat: string;
  mongo: string;
  /** Where `.env` lies on the host. */
  directory: string;
  /** Asks the operator for MongoDB's administrator, when nothing that is known logs in. */
  askAdministrator: () => Promise<Login>;
  /** Root's password, where an earlier adoption left one on the host. */
  knownRoot: string | undefined;
  /** Ids of the settings of Rocket.Chat that the stack decides. */
  overridden: string[];
}

/** Looks at both containers, at MongoDB and at what Rocket.Chat keeps in it. Changes nothing. */
export async function inspect(host: Host, options: InspectOptions): Promise<Facts> {
  const chat = await container(host, options.chat, "--rocketchat");
  const mongo = await container(host, options.mongo, "--mongodb");
  for (const { name, running } of [mongo, chat]) {
    if (!running)
      throw new OperatorError(
        `container ${name}: must be running, to be looked into (got a stopped one); docker start ${name}`,
      );
  }
  const url = parseMongoUrl(chat.env["MONGO_URL"]);
  return {
    engine: host.engine,
    chat,
    mongo,
    database: await database(host, mongo, url, options),
    taken: await listeners(host),
    envFile: await readEnvFile(host, options.directory),
  };
}

async function container(host: Host, name: string, option: string): Promise<ContainerFacts> {
  const answer = await host.try(["container", "inspect", name]);
  if (answer.status !== 0) {
    throw new OperatorError(
      /no such container/i.test(answer.stderr)
        ? `container ${name}: must be there (got none on ${host.engine}); name yours with ${option} NAME, as docker ps --format '{{.Names}} {{.Image}}' shows it there`
        : `${answer.stderr.trim()}\nengine: must answer (got ${host.engine}); try: docker --host ${host.engine} version`,
    );
  }
  const [found] = JSON.parse(answer.stdout) as [Inspected];
  const [image] = JSON.parse(await host.docker(["image", "inspect", found.Image])) as [InspectedImage];
  return containerFacts(found, image, await neighbours(host, found));
}

/** The names of the containers on each network. */
async function neighbours(host: Host, found: Inspected): Promise<Record<string, string[]>> {
  const result: Record<string, string[]> = {};
  for (const [name, { NetworkID }] of Object.entries(found.NetworkSettings.Networks)) {
    const answer = await host.try(["network", "inspect", NetworkID || name]);
    const [network] = (answer.status === 0 ? JSON.parse(answer.stdout) : [{}]) as [
      { Containers?: Record<string, { Name: string }> },
    ];
    result[name] = Object.values(network.Containers ?? {}).map(({ Name }) => Name);
  }
  return result;
}

type Refused = { login: "refused" | "needed" | "not root" };
type Answer = Refused | ({ login: "none" | "root" | "user" } & DatabaseFacts);
/** As the script tells it. */
type Raw =
  | Refused
  | (Omit<DatabaseFacts, "chat"> & {
      login: "none" | "root" | "user";
      chat: Omit<DatabaseFacts["chat"], "settings" | "settingFields"> & { settings: SettingFields[] };
    });

async function database(
  host: Host,
  mongo: ContainerFacts,
  url: MongoUrl,
  options: InspectOptions,
): Promise<DatabaseFacts> {
  const ask = async (login: Login | undefined): Promise<Answer> => {
    const variables = { DATABASE: url.database, SETTINGS: JSON.stringify(options.overridden) };
    const run = await host.mongosh("scripts/mongo/inspect.js", mongo.id, variables, login ?? {});
    if (run.status === 0) return answerOf(JSON.parse(run.stdout.trim().split("\n").at(-1)!) as Raw);
    throw new OperatorError(
      `${run.stderr.trim() || run.stdout.trim()}\ncontainer ${mongo.name}: must let mongosh look into its MongoDB on 127.0.0.1:27017 (status ${run.status}); start it so that it listens there, or give it an image with mongosh (MongoDB 6.0 and newer), and run the command again`,
    );
  };

  const root = options.knownRoot;
  const { env } = mongo;
  const user = env["MONGO_INITDB_ROOT_USERNAME"] ?? env["MONGODB_ROOT_USER"] ?? "root";
  const password = env["MONGO_INITDB_ROOT_PASSWORD"] ?? env["MONGODB_ROOT_PASSWORD"];
  const known: (Login | undefined)[] = [
    root === undefined ? undefined : { user: "root", password: root, authSource: "admin" },
    password === undefined ? undefined : { user, password, authSource: "admin" },
    url.login,
  ];
  const first = await ask(undefined);
  if ("version" in first) {
    // Nobody is asked; what is known of root is still worth keeping, since the new mongod will ask.
    for (const login of known.filter((candidate) => candidate !== undefined)) {
      const answer = await ask(login);
      if (answer.login === "root") return { ...first, administrator: login };
    }
    if (!first.users.some(({ user, db }) => user === "root" && db === "admin")) return first;
  }
  for (const login of [...known, "ask" as const]) {
    if (login === undefined) continue;
    const candidate = login === "ask" ? await options.askAdministrator() : login;
    const answer = await ask(candidate);
    if ("version" in answer)
      return { ...answer, administrator: candidate, ...(await keyfile(host, mongo, answer)) };
    if (login !== "ask") continue;
    throw new OperatorError(
      answer.login === "refused"
        ? `MongoDB's administrator: must be able to log in (MongoDB refused ${candidate.user}); give the right name and password`
        : `MongoDB's administrator: must have the role root on admin (${candidate.user} has not); give another one`,
    );
  }
  throw new Error("unreachable: the operator was asked");
}

function answerOf(raw: Raw): Answer {
  if (!("version" in raw)) return raw;
  const settings = Object.fromEntries(
    raw.chat.settings.flatMap(({ id, fields: { value } }) => (value === undefined ? [] : [[id, value]])),
  ) as Record<string, string | number | boolean>;
  return { ...raw, chat: { ...raw.chat, settings, settingFields: raw.chat.settings } };
}

async function keyfile(
  host: Host,
  mongo: ContainerFacts,
  facts: DatabaseFacts,
): Promise<{ keyfile?: string }> {
  const path = (facts.options["security"] as { keyFile?: string } | undefined)?.keyFile;
  if (path === undefined) return {};
  const text = (await host.docker(["exec", "--user", "0", mongo.id, "cat", path])).replace(/\s/g, "");
  return { keyfile: text };
}

/** From the host's own tables, so that a program outside Docker counts too. */
export async function listeners(host: Host): Promise<Map<number, string>> {
  const table = await host.docker([
    ...throwAway,
    "--network=host",
    host.helperImage,
    "cat",
    "/proc/net/tcp",
    "/proc/net/tcp6",
  ]);
  const listening = table.split("\n").filter((line) => / 0A /.test(line));
  const taken = new Map(listenersIn(listening).map(({ port }) => [port, "a program of the host"]));
  const published = await host.docker(["ps", "--format", "{{.Names}}\t{{.Ports}}"]);
  for (const line of published.split("\n").filter((text) => text !== "")) {
    const [name = "", ports = ""] = line.split("\t");
    for (const { port } of publishedIn(ports)) taken.set(port, `the container ${name}`);
  }
  return taken;
}

async function readEnvFile(host: Host, directory: string): Promise<EnvFile | undefined> {
  const path = envFile({ directory });
  const text = await host.read(path);
  return text === "" ? undefined : { path, text };
}
