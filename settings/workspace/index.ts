import { z } from "zod";
import { type ChannelSettings, channelsSchema } from "./channels";
import { mailSchema } from "./mail";
import { notificationsSchema } from "./notifications";
import { type ObjectSettings, objectSchemas } from "./objects";
import { organisationSchema } from "./organisation";
import { otherSettingsSchema } from "./other-settings";
import { passwordPolicySchema } from "./password-policy";
import { registrationSchema } from "./registration";
import { signInSchema } from "./sign-in";
import { twoFactorSchema } from "./two-factor";

/** What lives in Rocket.Chat's database and belongs in code. What is not named is the administrators'. */
export const workspaceSchema = z.strictObject({
  organisation: organisationSchema,
  registration: registrationSchema,
  passwordPolicy: passwordPolicySchema.optional(),
  mail: mailSchema.optional(),
  signIn: signInSchema,
  twoFactor: twoFactorSchema,
  notifications: notificationsSchema,
  /** Any other setting that this release knows, by its id. */
  settings: otherSettingsSchema.optional(),
  /** Settings that this release does not know: nobody checks them. */
  unknownSettings: otherSettingsSchema.optional(),
  channels: channelsSchema.optional(),
  ...objectSchemas,
});

type Values = z.output<typeof workspaceSchema>;

export interface WorkspaceSettings extends Omit<Values, "channels" | keyof ObjectSettings>, ObjectSettings {
  /** @default none */
  channels: Record<string, ChannelSettings>;
}
