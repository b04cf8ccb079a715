import { ApiError } from "./rest/api-error.js";
import { sha256 } from "./passwords.js";

const PREFIX = "Accounts_TwoFactorAuthentication_";

/** What a user's second factor is: a code of their authenticator, or the password where they have none. No code is ever right here. */
export function factorOf(user) {
  return user.services.totp?.enabled === true ? "totp" : "password";
}

/** Asks for a second factor before a privileged call, in the ways of the version that it behaves like. */
export async function requireSecondFactor({ user, token, request }, { users, settings, environment }) {
  if (!settings.get(`${PREFIX}Enabled`)) return;
  const { tokensBypass, remembersFactor } = environment.ways;
  const rememberMs = remembersFactor ? settings.get(`${PREFIX}RememberFor`) * 1000 : 0;
  if (Date.now() < user.createdAt.getTime() + rememberMs) return;

  const entry = user.services.resume.loginTokens.find(
    ({ hashedToken }) => hashedToken === sha256(token, "base64"),
  );
  if (tokensBypass && entry?.bypassTwoFactor) return;
  if (remembersFactor && entry?.twoFactorAuthorizedUntil > new Date()) return;

  const method = factorOf(user);
  const details = {
    method,
    codeGenerated: false,
    availableMethods: method === "totp" ? ["totp"] : [],
  };
  // A method that nobody has is taken for the user's own, and the code for one of it.
  const code = request.headers["x-2fa-code"];
  if (code === undefined) {
    throw new ApiError(400, "TOTP Required [totp-required]", { errorType: "totp-required", details });
  }
  if (method !== "password" || !(await users.hasPassword(user, code))) {
    throw new ApiError(400, "TOTP Invalid [totp-invalid]", { errorType: "totp-invalid", details });
  }
  if (remembersFactor) await users.authorizeToken(token, new Date(Date.now() + rememberMs));
}
