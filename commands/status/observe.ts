import { execFile } from "node:child_process";
import { inventoryOf } from "../../inventory";
import type { Part } from "../../inventory/part";
import { backupName } from "../../inventory/backup";
import { workspaceName } from "../../inventory/rocketchat";
import { printable } from "../../settings/printable";
import { clientEnvironment } from "../../terminal/child-environment";
import type { PlainSettings } from "../../settings/schema";
import type { BackupStatus } from "../backup/report";
import { doorOf } from "./door";
import { projectRoot } from "../../terminal/paths";
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
  const docker = new Docker(engine);
  const version = await docker.run(["version", "--format", "{{.Server.Version}}"], { seconds: 15 });
  if (version.status !== 0) return { ...nothing, engineSilent: version.stderr };

  const kills = memoryKills(docker);
  const containers = await Promise.all(names.map((name) => inspect(docker, name, kills)));
  const running = (name: string) =>
    containers.some((container) => container.name === name && container.state === "running");
  const environment = {
    MONGO_HOST: mongo.hostname,
    FRONT_ADDRESS: door.address,
    FRONT_PORT: String(door.port),
    FRONT_HOSTNAME: hostname,
  };
  const [rooms, primary, probe, repository] = await Promise.all([
    askRooms(docker, settings.helperImage, roomsOf(parts)),
    running(mongo.hostname) ? askPrimary(docker, mongo.hostname) : undefined,
    running(chat) ? probeFrom(docker, chat, environment) : undefined,
    running(backup) ? askRepository(docker, backup) : undefined,
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

interface Answer {
  status: number;
  stdout: string;
  stderr: string;
}

class Docker {
  private readonly env: NodeJS.ProcessEnv;

  constructor(engine: string) {
    this.env = clientEnvironment({ DOCKER_HOST: engine });
  }

  run(args: string[], { seconds }: { seconds: number }): Promise<Answer> {
    return this.command("docker", args, seconds, {});
  }

  /** A script of this project in a running container, as the deployment runs them. */
  script(
    interpreter: "node",
    script: string,
    container: string,
    environment: Record<string, string>,
  ): Promise<Answer> {
    const env = { ...environment, CONTAINER: container, PASS: Object.keys(environment).join(" ") };
    return this.command("sh", ["scripts/host/exec-script.sh", interpreter, script], 30, env);
  }

  private command(
    command: string,
    args: string[],
    seconds: number,
    env: Record<string, string>,
  ): Promise<Answer> {
    const options = {
      env: { ...this.env, ...env },
      cwd: projectRoot,
      timeout: seconds * 1000,
      maxBuffer: 64 << 20,
    };
    return new Promise((resolve) => {
      execFile(command, args, options, (error, stdout, stderr) => {
        const said =
          error?.killed === true ? `no answer within ${seconds} s` : stderr.trim() || (error?.message ?? "");
        resolve({ status: error === null ? 0 : 1, stdout: stdout.trim(), stderr: said });
      });
    });
  }
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

async function inspect(
  docker: Docker,
  name: string,
  kills: Promise<Map<string, number>>,
): Promise<Container> {
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
    docker.run(["container", "inspect", "--format", "{{json .}}", name], { seconds: 15 }),
    docker.run(["logs", "--timestamps", "--since", "10m", "--tail", "500", name], { seconds: 15 }),
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
async function memoryKills(docker: Docker): Promise<Map<string, number>> {
  // Until a moment that has passed on the engine as well, or the answer would wait for it.
  const span = ["--since", "1h", "--until", "2s"];
  const filters = ["--filter", "type=container", "--filter", "event=oom"];
  const answer = await docker.run(["events", ...span, ...filters, "--format", "{{.Actor.Attributes.name}}"], {
    seconds: 10,
  });
  const counts = new Map<string, number>();
  for (const name of answer.stdout.split("\n")) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** The file systems below the service's data, seen from a throw-away container as from the host. */
async function askRooms(
  docker: Docker,
  helperImage: string,
  directories: string[],
): Promise<{ rooms: Room[]; roomsUnknown?: string }> {
  const answer = await docker.run(
    [
      "run",
      "--rm",
      "--pull=never",
      "--network=none",
      "--log-driver=none",
      "--read-only",
      "--user=65534",
      "--cap-drop=ALL",
      "--security-opt=no-new-privileges",
      "--memory=64m",
      "--pids-limit=16",
      // A mount, unlike a volume, makes no directory that is missing.
      ...directories.map((path, i) => `--mount=type=bind,source=${path},target=/${i},readonly`),
      helperImage,
      "df",
      "-Pk",
      ...directories.map((_, i) => `/${i}`),
    ],
    { seconds: 30 },
  );
  if (answer.status !== 0) return { rooms: [], roomsUnknown: lastLine(answer.stderr) };
  const lines = answer.stdout.split("\n").slice(1);
  const rooms = directories.map((directory, i) => {
    const [fileSystem = "", allKib, , leftKib] = lines[i]!.split(/\s+/);
    return { directory, fileSystem, leftKib: Number(leftKib), allKib: Number(allKib) };
  });
  return { rooms };
}

/** Asked without a login. */
async function askPrimary(
  docker: Docker,
  container: string,
): Promise<{ primary?: string; unknown?: string }> {
  const expression = 'const h = db.hello(); print(h.isWritablePrimary ? h.primary : "")';
  const args = ["exec", container, "mongosh", "--quiet", "--norc", "--eval", expression];
  const answer = await docker.run(args, { seconds: 30 });
  if (answer.status !== 0) return { unknown: lastLine(answer.stderr) };
  return answer.stdout === "" ? {} : { primary: lastLine(answer.stdout) };
}

/** What the backups' container has written down. */
async function askRepository(docker: Docker, container: string): Promise<Observation["repository"]> {
  const answer = await docker.run(["exec", container, "cat", "/backup/status.json"], { seconds: 15 });
  return answer.status === 0 ? (JSON.parse(answer.stdout) as BackupStatus) : undefined;
}

async function probeFrom(
  docker: Docker,
  container: string,
  environment: Record<string, string>,
): Promise<Probe> {
  const answer = await docker.script("node", "scripts/rocketchat/probe.js", container, environment);
  if (answer.status === 0) return JSON.parse(answer.stdout) as Probe;
  const why = `could not be asked from ${container} (${lastLine(answer.stderr)})`;
  return { database: why, frontDoor: why };
}

/** Where a tool gives its reason, before docker's own advice. */
function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !/^(Run|See) 'docker /.test(line));
  return lines.at(-1)?.trim() ?? "";
}
