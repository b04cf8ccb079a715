import type { PlainSettings } from "../settings/schema";
import { chatSecrets, workspaceName } from "../inventory/rocketchat";
import type { Connection } from "./provider";

/** Where a stack's workspace is. */
export function connectionOf(settings: PlainSettings): Connection {
  return {
    engine: settings.engine,
    helperImage: settings.helperImage,
    container: workspaceName(settings),
    port: settings.rocketchat.port,
    secretsDirectory: chatSecrets(settings),
    administrator: settings.admin.username,
  };
}
