import { commandFor } from "../../settings/command";
import { engineFault } from "../../engine/fault";
import { checkFaults } from "../backup/report";
import type { Container, Observation, Room } from "./observation";

/** WiredTiger asks for 100 MiB at once for its journal, and a temporary file goes beside every large upload. */
const leastRoomKib = 256 * 1024;

/** What is wrong, one line each: `<what>: <why>; <what to do>`. The likely cause stands before what follows from it. */
export function diagnose(found: Observation, now = new Date()): string[] {
  if (found.engineSilent !== undefined) {
    const { rule, fix } = engineFault(found.engine, found.engineSilent);
    return [`engine: ${rule} (got ${found.engine}); ${fix}`];
  }
  const { database, frontDoor, stack } = found;
  return [
    ...roomFaults(found.rooms),
    ...(found.roomsUnknown === undefined
      ? []
      : [`room on the disks: could not be asked (${found.roomsUnknown}); look with df on the host`]),
    ...found.containers.flatMap((container) => containerFault(container, stack, now) ?? []),
    ...replicaSetFaults(found),
    ...(database.says === undefined || database.says === "ok"
      ? []
      : [
          `database: Rocket.Chat cannot reach ${database.host}:27017 (${database.says}); ` +
            `see that ${database.host} runs and is on the network of Rocket.Chat; both go on by themselves once it is reached`,
        ]),
    ...(frontDoor.says === undefined || frontDoor.says === "ok"
      ? []
      : [
          `front door: ${frontDoor.url}/api/info does not answer as it should (${frontDoor.says}); ` +
            "mend what stands above, else look at the logs of Traefik and Rocket.Chat",
        ]),
    ...found.otherwise,
    ...(found.repository === undefined
      ? []
      : checkFaults(found.repository, now, (script, ...args) => commandFor(stack, script, ...args))),
  ];
}

function replicaSetFaults({ containers, database, replicaSet }: Observation): string[] {
  const mongo = containers.find(({ name }) => name === database.host);
  if (replicaSet === undefined || replicaSet.primary !== undefined) return [];
  if (mongo?.state !== "running" || mongo.health === "starting") return [];
  const why = replicaSet.unknown === undefined ? "" : ` (${replicaSet.unknown})`;
  return [`replica set ${replicaSet.name}: has no primary${why}; look: docker logs --tail 50 ${mongo.name}`];
}

function roomFaults(rooms: Room[]): string[] {
  const short = rooms.filter(({ leftKib }) => leftKib < leastRoomKib);
  const disks = new Set(short.map(({ fileSystem }) => fileSystem));
  return [...disks].map((disk) => {
    const [room, ...more] = short.filter(({ fileSystem }) => fileSystem === disk) as [Room, ...Room[]];
    const directories = [room, ...more].map(({ directory }) => directory).join(" and ");
    return (
      `room in ${directories}: must be ${size(leastRoomKib)} or more (got ${size(room.leftKib)} of ${size(room.allKib)}); ` +
      "make room on that disk, the service then goes on by itself within 2 minutes"
    );
  });
}

/** What ends again and again runs in between: Docker waits up to a minute before it starts it. */
const latelyMs = 90_000;

function containerFault(container: Container, stack: string, now: Date): string | undefined {
  const { name, state, health, errors, exitCode } = container;
  const fault = (why: string, fix: string) => `container ${name}: ${why}; ${fix}`;
  const look = `look: docker logs --tail 50 ${name}`;
  const last = errors.length === 0 ? "" : `, last: ${errors.at(-1)}`;
  const ended = container.outOfMemory
    ? "killed because its memory was used up; raise resources.*.memory"
    : `exit status ${exitCode}`;

  if (state === "missing")
    return fault(
      "is not there",
      `deploy the stack again with ${commandFor(stack, "up")}, which makes what is missing`,
    );
  if (state === "restarting") return fault(`ends again and again (${ended}${last})`, look);
  if (state === "exited" || state === "dead" || state === "created")
    return fault(
      `does not run (${state}, ${ended}${last})`,
      `if nobody stopped it on purpose: docker start ${name}`,
    );
  if (state === "paused") return fault("is paused", `docker unpause ${name}`);
  if (health === "unhealthy")
    return fault(`is unhealthy (${container.healthSays || "its check says nothing"}${last})`, look);
  if (container.memoryKills > 0 || container.outOfMemory)
    return fault(`${memoryUsedUp(container)}${last}`, `raise resources.*.memory; ${look}`);
  if (health === "starting" && container.restarts > 0)
    return fault(`has ended ${container.restarts} times and is starting again${last}`, look);
  if (health === "starting") return fault(`is still starting${last}`, "wait a minute and look again");
  if (container.restarts > 1 && now.getTime() - (container.since?.getTime() ?? 0) < latelyMs)
    return fault(`has ended ${container.restarts} times by itself, the last time just now${last}`, look);
  return undefined;
}

/** The engine kills a process in it for that, perhaps the one that the container lives by. */
function memoryUsedUp({ memoryKills, restarts }: Container): string {
  const times =
    memoryKills === 0
      ? "at least once since it was started"
      : `${memoryKills > 1 ? `${memoryKills} times` : "once"} in the last hour`;
  const ended = restarts > 0 ? `, and it has ended ${restarts} times by itself` : "";
  return `used up its memory ${times}${ended}`;
}

/** A size in the unit that shows it best. */
export function size(kib: number): string {
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let value = kib;
  while (value >= 1024 && units.length > 1) {
    value /= 1024;
    units.shift();
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[0]}`;
}
