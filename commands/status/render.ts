import { checkLine } from "../backup/report";
import { size } from "./diagnose";
import type { Container, Observation, Room } from "./observation";

/** The state of a stack as a page of text, without the faults. */
export function render(found: Observation, now = new Date()): string {
  const { replicaSet, database, frontDoor } = found;
  return [
    ...table([
      ["container", "state", "health", "since", "restarts"],
      ...found.containers.map((container) => [
        container.name,
        container.state,
        container.health ?? "-",
        container.since === undefined ? "-" : age(container.since, now),
        String(container.restarts),
      ]),
    ]),
    "",
    ...(found.rooms.length === 0 ? [] : roomsOf(found.rooms)),
    ...table([
      ...(replicaSet === undefined
        ? []
        : [
            [
              `replica set ${replicaSet.name}`,
              replicaSet.primary === undefined ? "no primary" : `primary ${replicaSet.primary}`,
            ],
          ]),
      ["database", `seen by Rocket.Chat: ${database.says ?? "not asked, it does not run"}`],
      ["front door", `${frontDoor.url}: ${frontDoor.says ?? "not asked, Rocket.Chat does not run"}`],
      ...(found.repository === undefined
        ? []
        : [["repository", `last check: ${checkLine(found.repository, now)}`]]),
    ]),
    ...found.containers.flatMap(errorsOf),
    ...(found.notes.length === 0 ? [] : ["", ...found.notes]),
  ].join("\n");
}

function roomsOf(rooms: Room[]): string[] {
  const rows = rooms.map(({ directory, leftKib, allKib }) => [directory, size(leftKib), size(allKib)]);
  return [...table([["directory", "room left", "of"], ...rows]), ""];
}

function errorsOf({ name, errors }: Container): string[] {
  return errors.length === 0
    ? []
    : ["", `last errors of ${name}, of the last 10 minutes:`, ...errors.map((line) => `  ${line}`)];
}

function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}

function age(since: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
