import { z } from "zod";
import { type ChannelSettings, channelsSchema } from "./channels";
import { type ObjectSettings, objectSchemas } from "./objects";

/** What lives in Rocket.Chat's database and belongs in code. What is not named is the administrators'. */
export interface WorkspaceSettings extends ObjectSettings {
  /** @default none */
  channels: Record<string, ChannelSettings>;
}

export const workspaceSchema = z.strictObject({
  channels: channelsSchema.optional(),
  ...objectSchemas,
});
