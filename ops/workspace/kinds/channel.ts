import { type Api, ApiFailure } from "../api";
import type { Found, Kind } from "./kind";

/** A channel that the program owns. What is not said stays the administrators'. */
export interface Channel {
  type: "public" | "private";
  topic?: string;
  description?: string;
  announcement?: string;
  /** Only owners and those who may post in it write. */
  readOnly?: boolean;
  /** New users are in it. */
  default?: boolean;
  archived?: boolean;
}

interface Room {
  _id: string;
  name: string;
  t: "c" | "p";
  topic?: string;
  description?: string;
  announcement?: string;
  ro?: boolean;
  default?: boolean;
  archived?: boolean;
}

/** Public channels and private groups. Nothing here deletes one, and one that leaves the program stays as it is. */
export const channel: Kind<Channel> = {
  async read(api, name, wanted, id) {
    const room = await find(api, id === undefined ? { roomName: name } : { roomId: id });
    return room && { id: room._id, actual: asWanted(room, wanted) };
  },

  async create(api, name, wanted) {
    const body = { name, readOnly: wanted.readOnly ?? false };
    const room =
      wanted.type === "private"
        ? (await api.post<{ group: Room }>("/api/v1/groups.create", body)).group
        : (await api.post<{ channel: Room }>("/api/v1/channels.create", body)).channel;
    return change(api, wanted, { id: room._id, actual: asWanted(room, wanted) });
  },

  update: (api, _name, wanted, found) => change(api, wanted, found),
  remove: () => Promise.resolve(),
};

async function find(api: Api, query: { roomName: string } | { roomId: string }): Promise<Room | undefined> {
  try {
    return (await api.get<{ room: Room }>("/api/v1/rooms.info", query)).room;
  } catch (error) {
    if (
      error instanceof ApiFailure &&
      error.status === 400 &&
      /room-not-found|invalid-room/.test(error.reason)
    )
      return undefined;
    throw error;
  }
}

/** The room in the terms of the settings, with the keys that the program speaks of. */
function asWanted(room: Room, wanted: Channel): Channel {
  const all: Required<Channel> = {
    type: room.t === "p" ? "private" : "public",
    topic: room.topic ?? "",
    description: room.description ?? "",
    announcement: room.announcement ?? "",
    readOnly: room.ro ?? false,
    default: room.default ?? false,
    archived: room.archived ?? false,
  };
  const keys = Object.keys(wanted) as (keyof Channel)[];
  return Object.fromEntries(keys.map((key) => [key, all[key]])) as unknown as Channel;
}

/** The field of `rooms.saveRoomSettings` that each key is. */
const fields = {
  type: "roomType",
  topic: "roomTopic",
  description: "roomDescription",
  announcement: "roomAnnouncement",
  readOnly: "readOnly",
  default: "default",
} as const;

/** Rocket.Chat refuses changes of an archived channel, so it is opened first and archived last. */
async function change(api: Api, wanted: Channel, { id: rid, actual }: Found<Channel>) {
  const archive = async (archived: boolean) => {
    if (wanted.archived !== archived || actual.archived === archived) return;
    await api.post("/api/v1/rooms.changeArchivationState", {
      rid,
      action: archived ? "archive" : "unarchive",
    });
  };

  await archive(false);
  const keys = Object.keys(fields) as (keyof typeof fields)[];
  const differs = keys.filter((key) => wanted[key] !== undefined && wanted[key] !== actual[key]);
  if (differs.length > 0) {
    const values = differs.map((key) => [fields[key], key === "type" ? roomType(wanted) : wanted[key]]);
    const changes = Object.fromEntries(values) as object;
    await api.post("/api/v1/rooms.saveRoomSettings", { rid, ...changes });
  }
  await archive(true);
  return { id: rid };
}

function roomType({ type }: Channel): "c" | "p" {
  return type === "private" ? "p" : "c";
}
