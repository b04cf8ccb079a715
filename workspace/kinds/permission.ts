import { OperatorError } from "../../terminal/steps";
import { nearest } from "../../settings/nearest";
import { knownPermissions } from "../../settings/workspace/known-permissions";
import type { Api } from "../api";
import type { Kind } from "./kind";

/** Whether a role has the permission, by the role's id. Other roles are left alone. */
export type Grants = Record<string, boolean>;

interface Permission {
  _id: string;
  roles: string[];
}

/** Permissions by id. One that leaves the settings goes back to Rocket.Chat's default for the roles that it named. */
export const permission: Kind<Grants> = {
  async read(api, id, wanted) {
    const roles = (await list(api)).find(({ _id }) => _id === id)?.roles;
    return roles && { id, actual: shownOf(roles, wanted) };
  },

  async create(api, id) {
    const known = (await list(api)).map(({ _id }) => _id);
    throw new OperatorError(`must be a permission of this Rocket.Chat (got ${id}); ${hint(id, known)}`);
  },

  update: (api, id, wanted) => write(api, id, wanted),

  async remove(api, id, old) {
    const defaults = knownPermissions().get(id);
    if (defaults === undefined) return;
    const wanted = Object.fromEntries(Object.keys(old).map((role) => [role, defaults.includes(role)]));
    const found = await permission.read(api, id, wanted, id);
    if (found && Object.entries(wanted).some(([role, has]) => found.actual[role] !== has)) {
      await write(api, id, wanted);
    }
  },
};

async function list(api: Api): Promise<Permission[]> {
  return (await api.get<{ update: Permission[] }>("/api/v1/permissions.listAll")).update;
}

function shownOf(roles: string[], wanted: Grants): Grants {
  return Object.fromEntries(Object.keys(wanted).map((role) => [role, roles.includes(role)]));
}

async function write(api: Api, _id: string, wanted: Grants) {
  const { roles: all } = await api.get<{ roles: { _id: string }[] }>("/api/v1/roles.list");
  const known = all.map((role) => role._id);
  const unknown = Object.keys(wanted).find((role) => !known.includes(role));
  if (unknown !== undefined) {
    throw new OperatorError(
      `${unknown}: must be the id of a role of this Rocket.Chat (got ${unknown}); ${hint(unknown, known)}`,
    );
  }
  const present = (await list(api)).find((one) => one._id === _id)?.roles ?? [];
  // A permission may still name a role that is gone, and Rocket.Chat refuses to store one.
  const kept = present.filter((role) => wanted[role] !== false && known.includes(role));
  const added = Object.keys(wanted).filter((role) => wanted[role] && !kept.includes(role));
  await api.post("/api/v1/permissions.update", { permissions: [{ _id, roles: [...kept, ...added] }] });
  return { id: _id };
}

function hint(word: string, known: string[]): string {
  const near = nearest(word, known, 3);
  return near.length > 0
    ? `did you mean ${near.join(" or ")}?`
    : `use one of ${known.slice(0, 8).join(", ")}, …`;
}
