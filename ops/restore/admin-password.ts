import { say } from "../lib/steps";
import type { Site } from "./site";
import type { Worker } from "./worker";

/** Secrets of the host stay, but the administrator of another workspace's database has his own. */
export async function keepAdminPassword(worker: Worker, { settings }: Site, snapshot: string): Promise<void> {
  const file = await worker.withRepository("ops/host/restore/keep-admin-password.sh", {
    SNAPSHOT: snapshot,
    SECRETS: `${settings.directory}/secrets`,
  });
  if (file !== "")
    say(
      `\nThe administrator's password is that of the snapshot's workspace now; on the server: ${file.trim()}`,
    );
}
