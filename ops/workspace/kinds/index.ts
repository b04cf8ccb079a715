import type { Vault } from "../session";
import { administrator } from "./administrator";
import { channel } from "./channel";
import type { Kind } from "./kind";
import { setting } from "./setting";

/** Every kind of thing in the workspace that the program knows, by the name that its collection has. */
export function kinds(vault: Vault): Record<string, Kind<unknown>> {
  return { administrator: administrator(vault), channels: channel, settings: setting };
}
