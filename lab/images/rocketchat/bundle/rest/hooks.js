import vm from "node:vm";
import { ApiError } from "./api-error.js";
import { readBody } from "./api.js";

/** The addresses of incoming webhooks. Their token is all they ask for. */
export function addHookRoutes(api, { integrations, users, rooms }) {
  for (const path of ["/hooks/:integrationId/:token", "/hooks/:integrationId/:userId/:token"]) {
    api.route("POST", path, {}, receive);
    api.route("GET", path, {}, receive);
  }

  async function receive({ params, request }) {
    const integration = await integrations.findByToken(params.integrationId, params.token);
    // As observed: the real one throws here, and its client sees a 500.
    if (integration === null) throw new Error("Invalid integration id or token provided.");
    if (!integration.enabled) throw new ApiError(503, "Service Unavailable");

    const content = runScript(integration, await readContent(request));
    if (content === undefined || Object.keys(content).length === 0) return { success: true };
    if ((content.channel || content.roomId) && !integration.overrideDestinationChannelEnabled) {
      throw new ApiError(400, "overriding destination channel is disabled for this integration");
    }
    const user = await users.byId(integration.userId);
    const targets = content.channel ? [content.channel] : integration.channel;
    for (const target of targets) {
      const room = await rooms.find(target);
      if (room === null) throw new ApiError(400, "invalid-channel");
      await rooms.post(room, user, {
        msg: content.text ?? "",
        alias: content.alias ?? integration.alias,
        avatar: content.avatar ?? integration.avatar,
        emoji: content.emoji ?? integration.emoji,
        bot: { i: integration._id },
      });
    }
    return { success: true };
  }
}

/** What the integration's script makes of a body: its `content`. */
function runScript({ script, scriptEnabled }, content) {
  if (!scriptEnabled || !script) return content;
  try {
    const source = `${script}\nnew Script().process_incoming_request({ request: { content: ${JSON.stringify(content)} } })`;
    return vm.runInNewContext(source, {}, { timeout: 1000 })?.content;
  } catch {
    throw new ApiError(400, "error-running-script");
  }
}

async function readContent(request) {
  const text = await readBody(request);
  const form = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  try {
    const body = JSON.parse((form ? new URLSearchParams(text).get("payload") : text) || "{}");
    return body !== null && typeof body === "object" ? body : {};
  } catch {
    throw new ApiError(400, "Invalid JSON in the request body");
  }
}
