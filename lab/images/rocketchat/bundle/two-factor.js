import { ApiError } from "./rest/api-error.js";
import { sha256 } from "./passwords.js";

const PREFIX = "Accounts_TwoFactorAuthentication_";

/**
 * Asks for a second factor before a privileged call. Only the fall-back is here, the password itself.
 * A factor holds for RememberFor seconds on its token, and a new user starts with one. A personal access token may do without.
 */
export async function requireSecondFactor({ user, token, request }, users, settings) {
  if (!settings.get(`${PREFIX}Enabled`)) return;
  const rememberMs = settings.get(`${PREFIX}RememberFor`) * 1000;
  if (Date.now() < user.createdAt.getTime() + rememberMs) return;

  const entry = user.services.resume.loginTokens.find(
    ({ hashedToken }) => hashedToken === sha256(token, "base64"),
  );
  if (entry?.bypassTwoFactor) return;
  if (entry?.twoFactorAuthorizedUntil > new Date()) return;

  const details = { method: "password", codeGenerated: false, availableMethods: [] };
  const code = request.headers["x-2fa-code"];
  if (code === undefined || request.headers["x-2fa-method"] !== "password") {
    throw new ApiError(400, "TOTP Required [totp-required]", { errorType: "totp-required", details });
  }
  if (!(await users.hasPassword(user, code))) {
    throw new ApiError(400, "TOTP Invalid [totp-invalid]", { errorType: "totp-invalid", details });
  }
  await users.authorizeToken(token, new Date(Date.now() + rememberMs));
}
