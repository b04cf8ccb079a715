import { OperatorError } from "../../terminal/steps";
import { nearest } from "../../settings/nearest";
import { type Api, ApiFailure } from "../api";
import type { Kind } from "./kind";

export interface Role {
  /** Who has the role must set up two-factor authentication. */
  mandatory2fa: boolean;
}

interface Listed {
  _id: string;
  name: string;
  description?: string;
  scope: "Users" | "Subscriptions";
  mandatory2fa?: boolean;
}

/** Roles by id: those that Rocket.Chat has. One that leaves the settings goes back to the default, nothing forced. */
export const role: Kind<Role> = {
  async read(api, id) {
    const found = (await list(api)).find(({ _id }) => _id === id);
    return found && { id, actual: { mandatory2fa: found.mandatory2fa === true } };
  },

  async create(api, id) {
    const known = (await list(api)).map(({ _id }) => _id);
    const near = nearest(id, known);
    throw new OperatorError(
      `must be the id of a role of this Rocket.Chat (got ${id}); ${near.length > 0 ? `did you mean ${near.join(" or ")}?` : `use one of ${known.join(", ")}`}`,
    );
  },

  update: (api, id, wanted) => write(api, id, wanted),

  async remove(api, id, old) {
    if (old.mandatory2fa) await write(api, id, { mandatory2fa: false });
  },
};

async function list(api: Api): Promise<Listed[]> {
  return (await api.get<{ roles: Listed[] }>("/api/v1/roles.list")).roles;
}

/** What the call leaves out is emptied, and a built-in role is refused another name or scope: all of it is sent again. */
async function write(api: Api, roleId: string, { mandatory2fa }: Role) {
  const found = (await list(api)).find(({ _id }) => _id === roleId);
  if (found === undefined || (found.mandatory2fa === true) === mandatory2fa) return { id: roleId };
  const { name, description = "", scope } = found;
  try {
    await api.post("/api/v1/roles.update", { roleId, name, description, scope, mandatory2fa });
  } catch (error) {
    if (!(error instanceof ApiFailure) || !/enterprise feature/.test(error.reason)) throw error;
    throw new OperatorError(
      `mandatory2fa: must be allowed by the workspace's licence, module custom-roles (got ${error.message}); apply a licence, or remove the entry`,
    );
  }
  return { id: roleId };
}
