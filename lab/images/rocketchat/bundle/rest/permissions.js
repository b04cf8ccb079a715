import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

export function addPermissionRoutes(api, { permissions, licence }) {
  api.route("GET", "/api/v1/permissions.listAll", { login: true }, async () => {
    return { update: await permissions.list(), remove: [], success: true };
  });

  api.route(
    "POST",
    "/api/v1/permissions.update",
    { permission: "access-permissions" },
    async ({ request }) => {
      const { permissions: changes } = await readJson(request);
      if (!Array.isArray(changes)) throw invalid("must have required property 'permissions'");
      const ids = changes.map(({ _id }) => _id);
      if ((await permissions.count(ids)) !== ids.length) {
        throw new ApiError(400, "Invalid permission", { errorType: "error-invalid-permission" });
      }
      const roles = [...new Set(changes.flatMap((change) => change.roles))];
      if ((await permissions.countRoles(roles)) !== roles.length) {
        throw new ApiError(400, "Invalid role", { errorType: "error-invalid-role" });
      }
      for (const { _id, roles: granted } of changes) await permissions.setRoles(_id, granted);
      return { permissions: await permissions.list(), success: true };
    },
  );

  api.route("GET", "/api/v1/roles.list", { login: true }, async () => {
    return { roles: await permissions.roles(), success: true };
  });

  // As in Rocket.Chat, what is left out of the body is emptied, and the route is not for Community.
  api.route("POST", "/api/v1/roles.update", { permission: "access-permissions" }, async ({ request }) => {
    const { roleId, name, scope = "Users", description = "", mandatory2fa } = await readJson(request);
    if (typeof roleId !== "string" || typeof name !== "string") {
      throw invalid("must have required property 'roleId'");
    }
    if (!licence.has("custom-roles")) {
      throw new ApiError(400, "This is an enterprise feature [error-action-not-allowed]", {
        errorType: "error-action-not-allowed",
      });
    }
    const role = await permissions.role(roleId);
    if (role === null) {
      throw new ApiError(400, "This role does not exist [error-invalid-roleId]", {
        errorType: "error-invalid-roleId",
      });
    }
    if (role.protected && (name !== role.name || scope !== role.scope)) {
      throw new ApiError(400, "Role is protected [error-role-protected]", {
        errorType: "error-role-protected",
      });
    }
    const change = { name, scope, description, ...(mandatory2fa !== undefined && { mandatory2fa }) };
    return { role: await permissions.updateRole(roleId, change), success: true };
  });
}

function invalid(message) {
  return new ApiError(400, `${message} [invalid-params]`, { errorType: "invalid-params" });
}
