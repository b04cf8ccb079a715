import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { sendJson } from "./api.js";

const PING_TIMEOUT_MS = 2000;

/** Whether the process lives, whether it can serve, and the proof that it does. */
export function addStatusRoutes(api, { database, environment, version, settings }) {
  api.route("GET", "/health", {}, () => ({ status: "ok" }));

  // As observed of 8.3: both ask the same, each of what was since it was last asked.
  for (const path of ["/livez", "/readyz"]) {
    const lag = monitorEventLoopDelay();
    lag.enable();
    api.route("GET", path, {}, async ({ response }) => {
      const eventLoop = lag.percentile(99) / 1e6 <= environment.eventLoopLagMs;
      lag.reset();
      const mongo = await mongoAnswers();
      const status = mongo && eventLoop ? "ok" : "error";
      sendJson(response, status === "ok" ? 200 : 503, { status, checks: { eventLoop, mongo } });
    });
  }

  function mongoAnswers() {
    // The driver's own timeoutMS does not bound the wait for a primary.
    const ping = database.command({ ping: 1 }).then(
      () => true,
      () => false,
    );
    return Promise.race([ping, sleep(PING_TIMEOUT_MS, false)]);
  }

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
