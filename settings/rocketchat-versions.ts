/** Whether this Rocket.Chat reads MONGO_OPLOG_URL: change streams replaced the oplog for good in 8.0 (pull request 35964). */
export function readsOplog(version: string): boolean {
  return Number(version.split(".")[0]) <= 7;
}
