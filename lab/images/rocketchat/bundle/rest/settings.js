import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

/** The settings that a client may read without a login. */
const PUBLIC = [
  "Accounts_RegistrationForm",
  "Cloud_Workspace_AirGapped_Restrictions_Remaining_Days",
  "Deployment_FingerPrint_Verified",
  "FileUpload_Enabled",
  "FileUpload_MaxFileSize",
  "FileUpload_MediaTypeBlackList",
  "FileUpload_MediaTypeWhiteList",
  "FileUpload_ProtectFiles",
  "Language",
  "Message_AllowUnrecognizedSlashCommand",
  "Show_Setup_Wizard",
  "Site_Name",
  "Site_Url",
];

export function addSettingRoutes(api, { settings }) {
  api.route("GET", "/api/v1/settings.public", {}, ({ query }) => {
    const wanted = query.get("_id")?.split(",") ?? PUBLIC;
    const found = PUBLIC.filter((id) => wanted.includes(id)).map((_id) => ({
      _id,
      value: settings.get(_id),
    }));
    return { settings: found, count: found.length, offset: 0, total: found.length, success: true };
  });

  api.route("GET", "/api/v1/settings/:_id", { admin: true }, ({ params: { _id } }) => {
    requireKnown(_id);
    return { _id, value: settings.get(_id), success: true };
  });

  // No check of the type, as the real one.
  api.route(
    "POST",
    "/api/v1/settings/:_id",
    { admin: true, secondFactor: true },
    async ({ params: { _id }, request }) => {
      requireKnown(_id);
      // As observed: without a word.
      if (settings.isSealed(_id)) throw new ApiError(400, "");
      const { value } = await readJson(request);
      if (value === undefined) throw new ApiError(400, "Match error: Missing key 'value'");
      await settings.set(_id, value);
      return { success: true };
    },
  );

  function requireKnown(id) {
    if (!settings.has(id)) throw new ApiError(400, `Setting ${id} not found [error-setting-not-found]`);
  }
}
