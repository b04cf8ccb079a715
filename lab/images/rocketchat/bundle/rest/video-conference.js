import { meetingAddress } from "../apps.js";
import { randomId } from "../ids.js";
import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

/** Meetings, and whether the workspace is registered with Rocket.Chat's cloud, which decides whether it may have an app for them. */
export function addVideoConferenceRoutes(api, { apps, rooms, settings }) {
  /** Call to the app that has it. */
  const calls = new Map();

  api.route("GET", "/api/v1/video-conference.providers", { login: true }, async () => {
    const data = (await apps.providers()).map(({ provider }) => ({ key: provider, label: provider }));
    return { data, success: true };
  });

  api.route("GET", "/api/v1/video-conference.capabilities", { login: true }, async () => {
    const { provider } = await active();
    return { providerName: provider, capabilities: { mic: true, cam: true, title: true }, success: true };
  });

  api.route("POST", "/api/v1/video-conference.start", { login: true }, async ({ request }) => {
    const { roomId } = await readJson(request);
    const room = typeof roomId === "string" ? await rooms.find(roomId) : null;
    if (room === null) throw new ApiError(400, "invalid-params");
    const app = await active();
    const callId = randomId();
    calls.set(callId, app);
    return {
      data: { type: "videoconference", callId, rid: room._id, providerName: app.provider },
      success: true,
    };
  });

  api.route("POST", "/api/v1/video-conference.join", { login: true }, async ({ request }) => {
    const { callId } = await readJson(request);
    const app = calls.get(callId);
    if (app === undefined) throw new ApiError(400, "invalid-params");
    return { url: meetingAddress(app, callId), providerName: app.provider, success: true };
  });

  api.route("GET", "/api/v1/cloud.registrationStatus", { admin: true }, () => ({
    registrationStatus: {
      workspaceRegistered: apps.registered(),
      workspaceId: settings.get("Cloud_Workspace_Id"),
      uniqueId: settings.get("uniqueID"),
      token: "",
      email: settings.get("Organization_Email"),
    },
    success: true,
  }));

  async function active() {
    const app = await apps.activeProvider();
    if (app !== undefined) return app;
    const some = (await apps.providers()).length > 0;
    throw new ApiError(400, some ? "no-active-video-conf-provider" : "no-videoconf-provider-app");
  }
}
