import { factorOf } from "../two-factor.js";
import { ownUser } from "../users.js";
import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

export function addAccountRoutes(api, { settings, users }) {
  api.route("POST", "/api/v1/login", { unlimited: true }, async ({ request }) => {
    const { user: login, password, resume } = await readJson(request);
    const resumed = typeof resume === "string";
    const user = resumed
      ? await users.byToken(resume)
      : typeof login === "string" &&
        typeof password === "string" &&
        (await users.byPassword(login, password));
    if (!user) throw new ApiError(401, "Unauthorized", { status: "error", message: "Unauthorized" });
    if (!resumed && factorOf(user) !== "password") {
      const details = { method: factorOf(user), codeGenerated: false, availableMethods: [factorOf(user)] };
      const message = "TOTP Required [totp-required]";
      throw new ApiError(401, "totp-required", { status: "error", message, details });
    }
    const authToken = resumed ? resume : await users.newToken(user);
    return { status: "success", data: { authToken, userId: user._id, me: self(user) }, success: true };
  });

  api.route("POST", "/api/v1/logout", { login: true }, async ({ user, token }) => {
    await users.endLogin(user, token);
    return { status: "success", data: { message: "You've been logged out!" } };
  });

  api.route("GET", "/api/v1/me", { login: true }, ({ user }) => ({ ...self(user), success: true }));

  const self = (user) => ownUser(user, settings.get("Site_Url"));
}
