import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

export function addChannelRoutes(api, { rooms, environment }) {
  api.route("GET", "/api/v1/channels.list", { login: true }, async () => {
    const channels = await rooms.list();
    return { channels, count: channels.length, offset: 0, total: channels.length, success: true };
  });

  api.route("GET", "/api/v1/channels.info", { login: true }, async ({ query }) => {
    return { channel: await roomOf(query), success: true };
  });

  api.route("GET", "/api/v1/channels.messages", { login: true }, async ({ query }) => {
    const count = Math.min(Number(query.get("count") ?? 50), 100);
    const offset = Number(query.get("offset") ?? 0);
    const { messages, total } = await rooms.messages(await roomOf(query), { count, offset });
    return { messages, count: messages.length, offset, total, success: true };
  });

  api.route("POST", "/api/v1/chat.postMessage", { login: true }, async ({ request, user }) => {
    const { channel, roomId, text } = await readJson(request);
    requireUnrestricted(environment);
    const wanted = roomId ?? channel;
    const room = typeof wanted === "string" ? await rooms.find(wanted) : null;
    if (room === null) throw new ApiError(400, "invalid-channel");
    if (typeof text !== "string") throw new ApiError(400, "Match error: Expected string in field text");
    const message = await rooms.post(room, user, { msg: text });
    return { ts: message.ts.getTime(), channel: room.name, message, success: true };
  });

  async function roomOf(query) {
    const wanted = query.get("roomId") ?? query.get("roomName");
    if (wanted === null) {
      throw new ApiError(
        400,
        'The parameter "roomId" or "roomName" is required [error-roomid-param-not-provided]',
      );
    }
    const room = await rooms.find(wanted);
    if (room !== null) return room;
    throw new ApiError(400, "The required channel does not exist [error-room-not-found]", {
      errorType: "error-room-not-found",
    });
  }
}

/** A workspace that has neither licence nor internet may read, and may not post. */
export function requireUnrestricted({ restricted }) {
  if (restricted) throw new ApiError(400, "restricted-workspace", { errorType: "restricted-workspace" });
}
