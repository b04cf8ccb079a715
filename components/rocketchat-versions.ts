/** Whether this Rocket.Chat reads MONGO_OPLOG_URL: change streams replaced the oplog for good in 8.0 (pull request 35964). */
export function readsOplog(version: string): boolean {
  return major(version) <= 7;
}

/** The path that answers while the process lives. `/livez` came with 7.11 (pull request 36955). */
export function livenessPath(version: string): string {
  return major(version) >= 8 || (major(version) === 7 && minor(version) >= 11) ? "/livez" : "/health";
}

function major(version: string): number {
  return Number(version.split(".")[0]);
}

function minor(version: string): number {
  return Number(version.split(".")[1]);
}
