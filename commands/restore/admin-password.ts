import { chatSecrets } from "../../inventory/rocketchat";
import { say } from "../../terminal/steps";
import { stagingOf } from "./database";
import type { Site } from "./site";
import type { Worker } from "./worker";

/** Secrets of the host stay, but the administrator of another workspace's database has his own. */
export async function keepAdminPassword(worker: Worker, site: Site): Promise<void> {
  const file = await worker.sh("scripts/host/restore/keep-admin-password.sh", {
    STAGING: stagingOf(site),
    SECRETS: chatSecrets(site.settings),
  });
  if (file !== "")
    say(
      `\nThe administrator's password is that of the snapshot's workspace now; on the server: ${file.trim()}`,
    );
}
