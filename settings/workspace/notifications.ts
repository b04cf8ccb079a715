import { z } from "zod";
import { flag, oneOf } from "../leaf";

/** What people are told, and through whom. What is left out is the administrators'. */
export const notificationsSchema = z.strictObject({
  /** To phones at all. */
  push: flag(true).optional(),
  /** Through Rocket.Chat's gateway, which takes pushes of registered workspaces only. */
  pushGateway: flag(true).optional(),
  pushShowsMessage: flag(true).optional(),
  pushShowsSender: flag(true).optional(),
  emailShowsMessage: flag(true).optional(),
  /** What users who have not chosen get by e-mail while they are away. */
  emailDefault: oneOf("mentions", "nothing").optional(),
  pushDefault: oneOf("all", "mentions", "nothing").optional(),
  desktopDefault: oneOf("all", "mentions", "nothing").optional(),
});
