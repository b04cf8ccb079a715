import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

/** Personal access tokens of whoever asks. One that ignores two-factor authentication passes privileged calls. */
export function addTokenRoutes(api, { users }) {
  const permission = "create-personal-access-tokens";

  api.route("GET", "/api/v1/users.getPersonalAccessTokens", { permission }, ({ user }) => ({
    tokens: user.services.resume.loginTokens
      .filter(({ type }) => type === "personalAccessToken")
      .map(({ name, when, lastTokenPart, bypassTwoFactor }) => ({
        name,
        createdAt: when,
        lastTokenPart,
        bypassTwoFactor,
      })),
    success: true,
  }));

  api.route(
    "POST",
    "/api/v1/users.generatePersonalAccessToken",
    { permission, secondFactor: true },
    async ({ request, user }) => {
      const { tokenName, bypassTwoFactor } = await named(request);
      if (await users.personalToken(user, tokenName)) {
        throw new ApiError(400, "A token with this name already exists [error-token-already-exists]", {
          errorType: "error-token-already-exists",
        });
      }
      const token = await users.newPersonalToken(user, tokenName, bypassTwoFactor === true);
      return { token, success: true };
    },
  );

  api.route(
    "POST",
    "/api/v1/users.regeneratePersonalAccessToken",
    { permission, secondFactor: true },
    async ({ request, user }) => {
      const { tokenName } = await existing(request, user);
      const { bypassTwoFactor } = await users.personalToken(user, tokenName);
      await users.removePersonalToken(user, tokenName);
      return { token: await users.newPersonalToken(user, tokenName, bypassTwoFactor), success: true };
    },
  );

  api.route(
    "POST",
    "/api/v1/users.removePersonalAccessToken",
    { permission, secondFactor: true },
    async ({ request, user }) => {
      const { tokenName } = await existing(request, user);
      await users.removePersonalToken(user, tokenName);
      return { success: true };
    },
  );

  async function named(request) {
    const body = await readJson(request);
    if (typeof body.tokenName === "string" && body.tokenName !== "") return body;
    throw new ApiError(400, "The 'tokenName' param is required");
  }

  async function existing(request, user) {
    const body = await named(request);
    if (await users.personalToken(user, body.tokenName)) return body;
    throw new ApiError(400, "Token does not exist [error-token-does-not-exists]", {
      errorType: "error-token-does-not-exists",
    });
  }
}
