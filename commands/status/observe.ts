import { inventoryOf } from "../../inventory";
import type { Part } from "../../inventory/part";
import { backupName } from "../../inventory/backup";
import { workspaceName } from "../../inventory/rocketchat";
import { printable } from "../../settings/printable";
import { lastWord } from "../../engine/docker";
import { throwAway } from "../../engine/hardening";
import { Host } from "../../engine/host";
import type { PlainSettings } from "../../settings/schema";
import type { BackupStatus } from "../backup/report";
import { doorOf } from "./door";
import type { Captured } from "../../terminal/steps";
import { errorLines, inOrder } from "./error-lines";
import type { Container, Observation, Room } from "./observation";

/** Asks a stack's engine, and nobody else. Changes nothing, and every question has its time. */
export async function observe(settings: PlainSettings): Promise<Observation> {
  const { engine, mongo, hostname, stack, url } = settings;
  const [chat, backup, door] = [workspaceName(settings), backupName(settings), doorOf(settings)];
  const parts = causesFirst(inventoryOf(settings).parts);
  const names = parts.flatMap(({ container }) => (container ? [container.name] : []));
  const nothing: Observation = {
    stack,
    engine,
    containers: [],
    rooms: [],
    ...(mongo.mode === "managed" && { replicaSet: { name: mongo.replicaSet } }),
    database: { host: mongo.hostname },
    frontDoor: { url },
    otherwise: [],
    notes: [],
  };
  const host = new Host(engine, settings.helperImage, process.env);
  const version = await ask(host, ["version", "--format", "{{.Server.Version}}"], 15);
  if (version.status !== 0) return { ...nothing, engineSilent: version.stderr };

  const kills = memoryKills(host);
  const containers = await Promise.all(names.map((name) => inspect(host, name, kills)));
  const running = (name: string) =>
    containers.some((container) => container.name === name && container.state === "running");
  const environment = {
    MONGO_HOST: mongo.hostname,
    FRONT_ADDRESS: door.address,
    FRONT_PORT: String(door.port),
    FRONT_HOSTNAME: hostname,
  };
  const [rooms, primary, probe, repository] = await Promise.all([
    askRooms(host, roomsOf(parts)),
    running(mongo.hostname) ? askPrimary(host, mongo.hostname) : undefined,
    running(chat) ? probeFrom(host, chat, environment) : undefined,
    running(backup) ? askRepository(host, backup) : undefined,
  ]);
  return {
    ...nothing,
    containers,
    ...rooms,
    ...(mongo.mode === "managed" && { replicaSet: { name: mongo.replicaSet, ...primary } }),
    database: { host: mongo.hostname, ...(probe !== undefined && { says: probe.database }) },
    frontDoor: { url, ...(probe !== undefined && { says: probe.frontDoor }) },
    ...(repository !== undefined && { repository }),
  };
}

/** MongoDB before Rocket.Chat: without a database the others fail as well. */
function causesFirst(parts: Part[]): Part[] {
  const isDatabase = ({ role }: Part) => role === "mongo";
  return [...parts.filter(isDatabase), ...parts.filter((part) => !isDatabase(part))];
}

/** Where data grow. */
function roomsOf(parts: Part[]): string[] {
  const directories = parts.flatMap(({ directories: its }) => its);
  return directories.filter(({ holds }) => holds === "data").map(({ path }) => path);
}

interface Probe {
  database: string;
  frontDoor: string;
}

async function ask(host: Host, args: string[], seconds: number): Promise<Captured> {
  return told(await host.try(args, { limitMs: seconds * 1000 }), seconds);
}

/** Without blanks around; of one that failed, why. */
function told({ status, stdout, stderr, without }: Captured, seconds: number): Captured {
  const why = status === 0 ? "" : `ended with status ${status}`;
  const said = without === "late" ? `no answer within ${seconds} s` : stderr.trim() || why;
  return { status, stdout: stdout.trim(), stderr: said };
}

/** What `docker inspect` says, as far as it is asked. */
interface Inspected {
  RestartCount: number;
  State: {
    Status: Container["state"];
    ExitCode: number;
    OOMKilled: boolean;
    StartedAt: string;
    FinishedAt: string;
    Health?: { Status: string; Log?: { Output: string }[] | null };
  };
}

async function inspect(host: Host, name: string, kills: Promise<Map<string, number>>): Promise<Container> {
  const none: Container = {
    name,
    state: "missing",
    restarts: 0,
    exitCode: 0,
    outOfMemory: false,
    memoryKills: 0,
    errors: [],
  };
  const [answer, log] = await Promise.all([
    ask(host, ["container", "inspect", "--format", "{{json .}}", name], 15),
    ask(host, ["logs", "--timestamps", "--since", "10m", "--tail", "500", name], 15),
  ]);
  if (answer.status !== 0) return none;
  const { RestartCount, State } = JSON.parse(answer.stdout) as Inspected;
  const health = State.Health?.Status;
  const checked = State.Health?.Log?.at(-1)?.Output.trim();
  return {
    ...none,
    state: State.Status,
    ...((health === "starting" || health === "healthy" || health === "unhealthy") && { health }),
    ...(checked !== undefined && { healthSays: printable(checked) }),
    restarts: RestartCount,
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    memoryKills: (await kills).get(name) ?? 0,
    since: new Date(State.Status === "running" ? State.StartedAt : State.FinishedAt),
    errors: errorLines(inOrder(log.stdout, log.stderr)),
  };
}

/** How often memory was used up in each container, as far back as the engine's latest events go, an hour at most. */
async function memoryKills(host: Host): Promise<Map<string, number>> {
  // Until a moment that has passed on the engine as well, or the answer would wait for it.
  const span = ["--since", "1h", "--until", "2s"];
  const filters = ["--filter", "type=container", "--filter", "event=oom"];
  const format = "{{.Actor.Attributes.name}}";
  const answer = await ask(host, ["events", ...span, ...filters, "--format", format], 10);
  const counts = new Map<string, number>();
  for (const name of answer.stdout.split("\n")) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** The file systems below the service's data, seen from a throw-away container as from the host. */
async function askRooms(
  host: Host,
  directories: string[],
): Promise<{ rooms: Room[]; roomsUnknown?: string }> {
  const answer = await ask(
    host,
    [
      ...throwAway,
      "--pull=never",
      "--network=none",
      "--user=65534",
      "--memory=64m",
      "--pids-limit=16",
      // A mount, unlike a volume, makes no directory that is missing.
      ...directories.map((path, i) => `--mount=type=bind,source=${path},target=/${i},readonly`),
      host.helperImage,
      "df",
      "-Pk",
      ...directories.map((_, i) => `/${i}`),
    ],
    30,
  );
  if (answer.status !== 0) return { rooms: [], roomsUnknown: lastWord(answer.stderr) ?? "" };
  const lines = answer.stdout.split("\n").slice(1);
  const rooms = directories.map((directory, i) => {
    const [fileSystem = "", allKib, , leftKib] = lines[i]!.split(/\s+/);
    return { directory, fileSystem, leftKib: Number(leftKib), allKib: Number(allKib) };
  });
  return { rooms };
}

/** Asked without a login. */
async function askPrimary(host: Host, container: string): Promise<{ primary?: string; unknown?: string }> {
  const expression = 'const h = db.hello(); print(h.isWritablePrimary ? h.primary : "")';
  const args = ["exec", container, "mongosh", "--quiet", "--norc", "--eval", expression];
  const answer = await ask(host, args, 30);
  if (answer.status !== 0) return { unknown: lastWord(answer.stderr) ?? "" };
  return answer.stdout === "" ? {} : { primary: lastWord(answer.stdout) ?? "" };
}

/** What the backups' container has written down. */
async function askRepository(host: Host, container: string): Promise<Observation["repository"]> {
  const answer = await ask(host, ["exec", container, "cat", "/backup/status.json"], 15);
  return answer.status === 0 ? (JSON.parse(answer.stdout) as BackupStatus) : undefined;
}

async function probeFrom(
  host: Host,
  container: string,
  environment: Record<"MONGO_HOST" | "FRONT_ADDRESS" | "FRONT_PORT" | "FRONT_HOSTNAME", string>,
): Promise<Probe> {
  const asked = host.node("scripts/rocketchat/probe.js", container, environment, { limitMs: 30_000 });
  const answer = told(await asked, 30);
  if (answer.status === 0) return JSON.parse(answer.stdout) as Probe;
  const why = `could not be asked from ${container} (${lastWord(answer.stderr)})`;
  return { database: why, frontDoor: why };
}
