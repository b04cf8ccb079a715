import { z } from "zod";
import { flag, named } from "../leaf";
import { roleId } from "./permissions";

export interface RoleSettings {
  /** Who has the role must set up two-factor authentication before anything else. Rocket.Chat wants a licence for it. */
  mandatory2fa: boolean;
}

export const rolesSchema = named(roleId, z.strictObject({ mandatory2fa: flag(true) }));
