import { channel } from "./channel";
import type { Kind } from "./kind";
import { setting } from "./setting";

/** Every kind of thing in the workspace that the program knows, by the name that its collection has. */
export const kinds: Record<string, Kind<unknown>> = {
  channels: channel,
  settings: setting,
};
