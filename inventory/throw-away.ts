import type { PlainSettings } from "../settings/schema";
import { workspaceName } from "./rocketchat";

/**
 * Containers that a command makes for a while and removes, also one that a killed command left. Nothing else on the engine may bear their
 * names.
 */
export function throwAwayNames(settings: Pick<PlainSettings, "prefix">) {
  const chat = workspaceName(settings);
  return {
    /** Does the work of a restore. */
    restore: `${chat}-restore`,
    /** Answers instead of Rocket.Chat meanwhile. */
    maintenance: `${chat}-maintenance`,
    drill: `${chat}-drill`,
    drillMongo: `${chat}-drill-mongo`,
    drillChat: `${chat}-drill-chat`,
    /** Reads the copy of an adoption back. */
    adoptionCheck: `${settings.prefix}adoption-check`,
    /** Prepares the data of an adoption. */
    adoptionMongod: `${settings.prefix}adoption-mongod`,
  };
}
