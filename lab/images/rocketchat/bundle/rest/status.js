import { setTimeout as sleep } from "node:timers/promises";
import { sendJson } from "./api.js";

const PING_TIMEOUT_MS = 2000;

/** Whether the process lives, whether it can serve, and the proof that it does. */
export function addStatusRoutes(api, { database, version, settings }) {
  api.route("GET", "/livez", {}, () => ({ status: "ok" }));
  api.route("GET", "/health", {}, () => ({ status: "ok" }));

  api.route("GET", "/readyz", {}, async ({ response }) => {
    // The driver's own timeoutMS does not bound the wait for a primary.
    const ping = database.command({ ping: 1 }).then(
      () => true,
      () => false,
    );
    const mongo = await Promise.race([ping, sleep(PING_TIMEOUT_MS, false)]);
    sendJson(response, mongo ? 200 : 503, { status: mongo ? "ok" : "error", checks: { mongo } });
  });

  // Reads the database, so that success means that the workspace serves.
  api.route("GET", "/api/info", {}, async () => {
    await database.collection("rocketchat_settings").findOne({ _id: "uniqueID" });
    return {
      version: version.split(".").slice(0, 2).join("."),
      minimumClientVersions: {},
      cloudWorkspaceId: settings.get("Cloud_Workspace_Id") ?? "",
      standIn: true,
      success: true,
    };
  });
}
