import { flag, leaf, named, text } from "../leaf";
import { editDistance, nearest } from "../nearest";
import { knownPermissions } from "./known-permissions";

/** Role to whether it has the permission. Roles that are not named are the administrators'. */
export type PermissionSettings = Record<string, boolean>;

const rule = "must be a permission of Rocket.Chat";

/** An id that is nearly a known one is a slip; of any other one the server is the judge, which may know more. */
const permissionId = leaf("create-c", (raw) => {
  if (typeof raw !== "string" || !/^[A-Za-z0-9._-]{1,200}$/.test(raw)) throw new RangeError(rule);
  if (knownPermissions().has(raw)) return raw;
  const slips = [...knownPermissions().keys()].filter((known) => editDistance(known, raw) <= 2);
  const near = nearest(raw, slips, 2);
  if (near.length > 0) throw new RangeError(`${rule}: did you mean ${near.join(" or ")}?`);
  return raw;
});

export const roleId = text(
  "user",
  'must be the id of a role such as admin, user, moderator: letters, digits, "-" and "_"',
  isRoleId,
);

export const permissionsSchema = named(permissionId, named(roleId, flag(true)));

export function isRoleId(value: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(value);
}
