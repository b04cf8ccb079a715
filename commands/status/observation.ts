import type { BackupStatus } from "../backup/report";

/** What was found on the engine: facts only, `diagnose` judges them. */
export interface Observation {
  stack: string;
  engine: string;
  /** What the docker CLI said when the engine did not answer; everything below is empty then. */
  engineSilent?: string;
  containers: Container[];
  rooms: Room[];
  /** Why `rooms` could not be asked. */
  roomsUnknown?: string;
  /** Undefined where others run it. */
  replicaSet?: { name: string; primary?: string; unknown?: string };
  /** As Rocket.Chat's container sees them: `ok`, or what was wrong; undefined while it does not run. */
  database: { host: string; says?: string };
  frontDoor: { url: string; says?: string };
  /** What is not as the last deployment left it, a line each. */
  otherwise: string[];
  /** What does no harm, or could not be looked at, a line each. */
  notes: string[];
  /** What the last checks of the backups' repository found; undefined where none are made, or they could not be asked. */
  repository?: Pick<BackupStatus, "lastCheckAt" | "lastCheckResult" | "lastCheckFailure">;
}

export interface Container {
  name: string;
  /** As Docker names it; `missing` when there is none. */
  state: "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead" | "missing";
  health?: "starting" | "healthy" | "unhealthy";
  /** What the last health check printed. */
  healthSays?: string;
  /** By itself, since it was started by hand or by a deployment. */
  restarts: number;
  exitCode: number;
  outOfMemory: boolean;
  /** How often in the last hour a process in it was killed because its memory was used up; the engine remembers its latest events only. */
  memoryKills: number;
  /** Of its present state. */
  since?: Date;
  /** The last lines of its log that report an error, of the last ten minutes. */
  errors: string[];
}

/** Room for a directory. */
export interface Room {
  directory: string;
  /** Directories of one file system share its room. */
  fileSystem: string;
  leftKib: number;
  allKib: number;
}
