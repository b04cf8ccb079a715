import { randomUUID } from "node:crypto";
import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

const OF_THE_CLOUD = ["Cloud_Workspace_Client_Id", "Cloud_Workspace_Client_Secret", "Cloud_Workspace_Id"];

/** An administrator's word on another address or database: the same workspace, or a new one, which the cloud does not know. */
export function addFingerprintRoute(api, { settings }) {
  api.route("POST", "/api/v1/fingerprint", { admin: true }, async ({ request }) => {
    const { setDeploymentAs } = await readJson(request);
    if (!["new-workspace", "updated-configuration"].includes(setDeploymentAs))
      throw new ApiError(400, "must be equal to one of the allowed values [invalid-params]");
    if (setDeploymentAs === "new-workspace") {
      for (const id of OF_THE_CLOUD) await settings.set(id, "");
      await settings.set("uniqueID", randomUUID());
    }
    await settings.set("Deployment_FingerPrint_Verified", true);
    return { success: true };
  });
}
