import type { PlainSettings } from "../settings/schema";
import type { Network } from "./part";

/** A network that the stack makes. */
export function ownNetwork(role: Network["role"], { prefix }: Pick<PlainSettings, "prefix">): Network {
  return { role, name: `${prefix}${role}`, key: "prefix", own: true };
}
