import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

export function addChannelRoutes(api, { rooms, memberships, environment }) {
  api.route("GET", "/api/v1/channels.list", { login: true }, async () => {
    const channels = await rooms.list();
    return { channels, count: channels.length, offset: 0, total: channels.length, success: true };
  });

  api.route("GET", "/api/v1/channels.info", { login: true }, async ({ query }) => {
    return { channel: await channelOf(query), success: true };
  });

  api.route("GET", "/api/v1/channels.messages", { login: true }, async ({ query }) =>
    messagesOf(await channelOf(query), query),
  );

  api.route("GET", "/api/v1/groups.messages", { login: true }, async ({ query, user }) =>
    messagesOf(await groupOf(query, user), query),
  );

  api.route("POST", "/api/v1/chat.postMessage", { login: true }, async ({ request, user }) => {
    const { channel, roomId, text } = await readJson(request);
    requireUnrestricted(environment);
    const wanted = roomId ?? channel;
    const room = typeof wanted === "string" ? await rooms.find(wanted) : null;
    if (room === null) throw new ApiError(400, "invalid-channel");
    if (typeof text !== "string") throw new ApiError(400, "Match error: Expected string in field text");
    const message = await rooms.post(room, user, { msg: text });
    return { ts: message.ts.getTime(), channel: wanted, message, success: true };
  });

  async function messagesOf(room, query) {
    const count = Math.min(Number(query.get("count") ?? 50), 100);
    const offset = Number(query.get("offset") ?? 0);
    const { messages, total } = await rooms.messages(room, { count, offset });
    return { messages, count: messages.length, offset, total, success: true };
  }

  async function channelOf(query) {
    const room = await roomOf(query);
    if (room?.t === "c") return room;
    throw notFound("channel");
  }

  /** Administrators are nothing special here. */
  async function groupOf(query, user) {
    const room = await roomOf(query);
    const joined = (await memberships.of(user)).some(({ rid }) => rid === room?._id);
    if (room?.t === "p" && (joined || room.u?._id === user._id)) return room;
    throw notFound("group");
  }

  function roomOf(query) {
    const wanted = query.get("roomId") ?? query.get("roomName");
    if (wanted === null) {
      throw new ApiError(
        400,
        'The parameter "roomId" or "roomName" is required [error-roomid-param-not-provided]',
      );
    }
    return rooms.find(wanted);
  }
}

function notFound(kind) {
  const param = 'The required "roomId" or "roomName" param provided does not match any';
  return new ApiError(400, `${param} ${kind} [error-room-not-found]`, { errorType: "error-room-not-found" });
}

/** A workspace that has neither licence nor internet may read, and may not post. */
export function requireUnrestricted({ restricted }) {
  if (restricted) throw new ApiError(400, "restricted-workspace", { errorType: "restricted-workspace" });
}
