import { z } from "zod";
import { type BotSettings, botsSchema, resolveBots } from "./bots";
import { type PermissionSettings, permissionsSchema } from "./permissions";
import { type RoleSettings, rolesSchema } from "./roles";
import {
  type IncomingWebhookSettings,
  incomingWebhooksSchema,
  type OutgoingWebhookSettings,
  outgoingWebhooksSchema,
} from "./webhooks";

/** What programs and administrators work with. */
export interface ObjectSettings {
  /** @default none */
  bots: Record<string, BotSettings>;
  /** @default none */
  incomingWebhooks: Record<string, IncomingWebhookSettings>;
  /** @default none */
  outgoingWebhooks: Record<string, OutgoingWebhookSettings>;
  /** @default none */
  permissions: Record<string, PermissionSettings>;
  /** @default none */
  roles: Record<string, RoleSettings>;
}

export const objectSchemas = {
  bots: botsSchema.optional(),
  incomingWebhooks: incomingWebhooksSchema.optional(),
  outgoingWebhooks: outgoingWebhooksSchema.optional(),
  permissions: permissionsSchema.optional(),
  roles: rolesSchema.optional(),
};

type Values = z.output<z.ZodObject<typeof objectSchemas>>;

export function resolveObjects(values: Values, hostname: string): ObjectSettings {
  const { incomingWebhooks = {}, outgoingWebhooks = {}, permissions = {}, roles = {} } = values;
  const bots = resolveBots(values.bots, hostname);
  return { bots, incomingWebhooks, outgoingWebhooks, permissions, roles };
}
