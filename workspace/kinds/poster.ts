import { impersonation } from "../../settings/workspace/webhook-posters";
import { OperatorError } from "../../terminal/steps";
import type { Api } from "../api";
import type { Webhook } from "./integration";

/** Refuses a webhook whose poster may not bear its alias or avatar: it would be stored, and never answer. */
export async function ensureMayImpersonate(api: Api, { username, alias, avatar }: Webhook): Promise<void> {
  const key = alias ? "alias" : avatar ? "avatar" : undefined;
  if (key === undefined) return;
  const { update } = await api.get<{ update: { _id: string; roles: string[] }[] }>(
    "/api/v1/permissions.listAll",
  );
  const allowed = update.find(({ _id }) => _id === impersonation)?.roles ?? [];
  const { user } = await api.get<{ user: { roles: string[] } }>("/api/v1/users.info", { username });
  if (user.roles.some((role) => allowed.includes(role))) return;
  throw new OperatorError(
    `${key}: needs a poster with the permission ${impersonation} (got ${username}, with ${user.roles.join(" and ") || "no role"}); ` +
      `remove ${key}, set username to rocket.cat or to one of workspace.bots, or give ${username} a role that has it (${allowed.join(", ") || "none has"})`,
  );
}
