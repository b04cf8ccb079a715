import { publicUser } from "../users.js";
import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

export function addUserRoutes(api, { users, rooms, memberships, permissions, settings }) {
  api.route("GET", "/api/v1/users.info", { login: true }, async ({ query }) => {
    const wanted = query.get("userId") ?? query.get("username");
    if (wanted === null) throw new ApiError(400, "Invalid search query.");
    const user = query.has("userId") ? await users.byId(wanted) : await users.byName(wanted);
    if (user === null) throw new ApiError(400, "User not found.");
    const withRooms = query.get("includeUserRooms") === "true";
    return {
      user: {
        ...publicUser(user),
        canViewAllInfo: true,
        ...(withRooms && { rooms: await memberships.of(user) }),
      },
      success: true,
    };
  });

  api.route("POST", "/api/v1/users.create", { permission: "create-user" }, async ({ request }) => {
    const body = await readJson(request);
    for (const key of ["email", "name", "password", "username"]) {
      if (typeof body[key] !== "string") throw invalid(`must have required property '${key}'`);
    }
    if ((await users.byName(body.username)) !== null) {
      throw new ApiError(400, `${body.username} is already in use :( [error-field-unavailable]`, {
        errorType: "error-field-unavailable",
      });
    }
    requireDomain(body.email);
    await requireRoles(body.roles ?? ["user"]);
    const user = await users.create({ roles: ["user"], ...body });
    if (body.joinDefaultChannels !== false) {
      for (const room of await rooms.list()) if (room.default) await memberships.add(user, room);
    }
    return { user: storedUser(user), success: true };
  });

  api.route(
    "POST",
    "/api/v1/users.update",
    { permission: "edit-other-user-info", secondFactor: true },
    async ({ request }) => {
      const { userId, data = {} } = await readJson(request);
      const user = typeof userId === "string" ? await users.byId(userId) : null;
      if (user === null) throw new ApiError(400, "Invalid user [error-invalid-user]");
      if (data.email !== undefined) requireDomain(data.email);
      if (data.roles !== undefined) await requireRoles(data.roles);
      await users.update(user, data);
      return { user: storedUser(await users.byId(userId)), success: true };
    },
  );

  api.route(
    "POST",
    "/api/v1/users.setActiveStatus",
    { permission: "edit-other-user-active-status" },
    async ({ request }) => {
      const { userId, activeStatus } = await readJson(request);
      const user = await users.byId(userId);
      if (user === null) throw new ApiError(400, "User not found");
      await users.setActive(user, activeStatus);
      return { user: { _id: userId, active: activeStatus }, success: true };
    },
  );

  for (const kind of ["channels", "groups"]) {
    api.route("POST", `/api/v1/${kind}.invite`, { login: true }, async ({ request, user: host }) => {
      const { room, user } = await roomAndUser(await readJson(request));
      await requireMayInvite(host, room);
      await memberships.add(user, room);
      return { [kind.slice(0, -1)]: await rooms.find(room._id), success: true };
    });

    api.route("POST", `/api/v1/${kind}.kick`, { login: true }, async ({ request }) => {
      const { room, user } = await roomAndUser(await readJson(request));
      await memberships.remove(user, room);
      // A group is not shown to who may have left it.
      return { ...(kind === "channels" && { channel: await rooms.find(room._id) }), success: true };
    });
  }

  /** To any room of its type, or to one that the user is in; who made a room is its owner. */
  async function requireMayInvite(user, room) {
    if (await permissions.allows(user, `add-user-to-any-${room.t}-room`)) return;
    if (room.u?._id === user._id) return;
    const joined = (await memberships.of(user)).some(({ rid }) => rid === room._id);
    if (joined && (await permissions.allows(user, "add-user-to-joined-room"))) return;
    throw new ApiError(400, "Not allowed [error-not-allowed]", { errorType: "error-not-allowed" });
  }

  async function roomAndUser({ roomId, userId }) {
    const [room, user] = [await rooms.find(roomId ?? ""), await users.byId(userId)];
    if (room === null) throw new ApiError(400, "The required room does not exist [error-room-not-found]");
    if (user === null) throw new ApiError(400, "User not found");
    return { room, user };
  }

  /** Domains count as they are written (validateEmailDomain.js). */
  function requireDomain(email) {
    const domain = email.slice(email.lastIndexOf("@") + 1);
    const [allowed, blocked] = ["Accounts_AllowedDomainsList", "Accounts_BlockedDomainsList"].map((id) =>
      (settings.get(id) ?? "").split(",").map((one) => one.trim()),
    );
    if (allowed[0] !== "" && !allowed.includes(domain)) {
      throw refusedDomain("The email domain is not in whitelist", "error-invalid-domain");
    }
    if (blocked.includes(domain)) {
      throw refusedDomain("The email domain is blacklisted", "error-email-domain-blacklisted");
    }
  }

  async function requireRoles(roles) {
    if ((await permissions.countRoles(roles)) === roles.length) return;
    throw new ApiError(400, "The field Roles consist invalid role id [error-action-not-allowed]", {
      errorType: "error-action-not-allowed",
    });
  }
}

const storedUser = (user) => ({ ...publicUser(user), _updatedAt: user._updatedAt });

function refusedDomain(message, errorType) {
  return new ApiError(400, `${message} [${errorType}]`, { errorType });
}

function invalid(message) {
  return new ApiError(400, `${message} [invalid-params]`, { errorType: "invalid-params" });
}
