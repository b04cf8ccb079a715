import type { PlainSettings } from "../../settings/resolve";
import { workspaceName } from "../../settings/existing-mongo";
import type { Connection } from "./provider";

/** Where a stack's workspace is. */
export function connectionOf(settings: PlainSettings): Connection {
  return {
    engine: settings.engine,
    helperImage: settings.helperImage,
    container: workspaceName(settings),
    port: settings.rocketchat.port,
    secretsDirectory: `${settings.directory}/secrets`,
    administrator: settings.admin.username,
  };
}
