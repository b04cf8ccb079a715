import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

/** What administrators see of a room that they are not in. */
const ADMINISTERED = [
  ...["_id", "name", "t", "u", "usernames", "ts", "usersCount", "ro", "default", "topic", "msgs"],
  ...["archived", "announcement", "description"],
];

/** Making and changing channels and groups, as the administration panel does. */
export function addRoomRoutes(api, { rooms }) {
  api.route("GET", "/api/v1/rooms.info", { login: true }, async ({ query, user }) => {
    const wanted = query.get("roomId") ?? query.get("roomName");
    if (wanted === null) {
      throw new ApiError(
        400,
        'The parameter "roomId" or "roomName" is required [error-roomid-param-not-provided]',
        { errorType: "error-roomid-param-not-provided" },
      );
    }
    const room = await rooms.find(wanted);
    if (room === null) throw notFound();
    // Administrators are nothing special here, and an archived room is refused.
    if (room.t !== "c" && room.u?._id !== user._id) throw new ApiError(400, "not-allowed");
    if (room.archived) {
      throw new ApiError(400, `The channel, ${room.name}, is archived [error-room-archived]`, {
        errorType: "error-room-archived",
      });
    }
    return { room, success: true };
  });

  api.route("GET", "/api/v1/rooms.adminRooms", { admin: true }, async ({ query }) => {
    const all = await rooms.search(query.get("filter") ?? "");
    const offset = Number(query.get("offset") ?? 0);
    const page = all.slice(offset, offset + Number(query.get("count") ?? 50)).map(administered);
    return { rooms: page, count: page.length, offset, total: all.length, success: true };
  });

  api.route("GET", "/api/v1/rooms.adminRooms.getRoom", { admin: true }, async ({ query }) => {
    const room = await rooms.find(query.get("rid") ?? "");
    if (room === null) throw new ApiError(400, "not-allowed [error-not-allowed]");
    return { ...administered(room), success: true };
  });

  for (const [path, t, key] of [
    ["channels", "c", "channel"],
    ["groups", "p", "group"],
  ]) {
    api.route("POST", `/api/v1/${path}.create`, { login: true }, async ({ request, user }) => {
      const { name, readOnly } = await readJson(request);
      if (typeof name !== "string" || !/^[0-9a-zA-Z-_.]+$/.test(name)) {
        throw new ApiError(400, `'${name}' is not a valid room name. [error-invalid-room-name]`, {
          errorType: "error-invalid-room-name",
        });
      }
      if (await rooms.find(name)) {
        throw new ApiError(400, `A channel with name '${name}' exists [error-duplicate-channel-name]`, {
          errorType: "error-duplicate-channel-name",
        });
      }
      return { [key]: await rooms.create({ t, name, ro: readOnly === true }, user), success: true };
    });
  }

  api.route("POST", "/api/v1/rooms.saveRoomSettings", { login: true }, async ({ request }) => {
    const { rid, ...changes } = await readJson(request);
    await rooms.change(await roomOf(rid), fieldsOf(changes));
    return { rid, success: true };
  });

  api.route("POST", "/api/v1/rooms.changeArchivationState", { login: true }, async ({ request }) => {
    const { rid, action } = await readJson(request);
    await rooms.change(await roomOf(rid), { archived: action === "archive" });
    return { success: true };
  });

  async function roomOf(rid) {
    const room = typeof rid === "string" ? await rooms.find(rid) : null;
    if (room === null) throw notFound();
    return room;
  }
}

function administered(room) {
  return Object.fromEntries(Object.entries(room).filter(([key]) => ADMINISTERED.includes(key)));
}

function fieldsOf(changes) {
  const names = {
    roomName: "name",
    roomTopic: "topic",
    roomDescription: "description",
    roomAnnouncement: "announcement",
    roomType: "t",
    readOnly: "ro",
    default: "default",
  };
  const unknown = Object.keys(changes).find((key) => !(key in names));
  if (unknown !== undefined) throw new ApiError(400, `must NOT have additional properties: ${unknown}`);
  return Object.fromEntries(Object.entries(changes).map(([key, value]) => [names[key], value]));
}

function notFound() {
  return new ApiError(
    400,
    'The required "roomId" or "roomName" param provided does not match any channel [error-room-not-found]',
    { errorType: "error-room-not-found" },
  );
}
