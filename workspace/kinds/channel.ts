import type { Api } from "../api";
import { type Room, roomById, roomByName } from "../rooms";
import type { Kind } from "./kind";

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

/** Public channels and private groups. Nothing here deletes one, and one that leaves the program stays as it is. */
export const channel: Kind<Channel> = {
  async read(api, name, wanted, id) {
    const room = (id === undefined ? undefined : await roomById(api, id)) ?? (await roomByName(api, name));
    return room && { id: room._id, actual: asWanted(room, name, wanted) };
  },

  async create(api, name, wanted) {
    const readOnly = wanted.readOnly ?? false;
    const room =
      wanted.type === "private"
        ? (await api.post<{ group: Room }>("/api/v1/groups.create", { name, readOnly })).group
        : (await api.post<{ channel: Room }>("/api/v1/channels.create", { name, readOnly })).channel;
    return change(api, name, wanted, room);
  },

  async update(api, name, wanted, { id }) {
    const room = await roomById(api, id);
    if (room === undefined) throw new Error(`${name}: was deleted meanwhile`);
    return change(api, name, wanted, room);
  },

  remove: () => Promise.resolve(),
};

/** The room in the terms of the settings, with the keys that the program speaks of; its name where that is another one. */
function asWanted(room: Room, name: string, wanted: Channel): Channel {
  const all = valuesOf(room);
  const keys = Object.keys(wanted) as (keyof Channel)[];
  const values = Object.fromEntries(keys.map((key) => [key, all[key]])) as unknown as Channel;
  return { ...values, ...(room.name !== name && { name: room.name }) };
}

function valuesOf(room: Room): Required<Channel> {
  return {
    type: room.t === "p" ? "private" : "public",
    topic: room.topic ?? "",
    description: room.description ?? "",
    announcement: room.announcement ?? "",
    readOnly: room.ro ?? false,
    default: room.default ?? false,
    archived: room.archived ?? false,
  };
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

/** An archived channel is opened before it is changed, and archived again unless it is to stay open. */
async function change(api: Api, name: string, wanted: Channel, room: Room) {
  const { _id: rid } = room;
  const actual = valuesOf(room);
  const archive = (action: "archive" | "unarchive") =>
    api.post("/api/v1/rooms.changeArchivationState", { rid, action });

  const keys = Object.keys(fields) as (keyof typeof fields)[];
  const differs = keys.filter((key) => wanted[key] !== undefined && wanted[key] !== actual[key]);
  const changes = {
    ...(room.name !== name && { roomName: name }),
    ...Object.fromEntries(
      differs.map((key) => [fields[key], key === "type" ? roomType(wanted) : wanted[key]]),
    ),
  };
  const isChanged = Object.keys(changes).length > 0;
  const isOpened = actual.archived && (isChanged || wanted.archived === false);
  const staysArchived = wanted.archived ?? actual.archived;

  if (isOpened) await archive("unarchive");
  if (isChanged) await api.post("/api/v1/rooms.saveRoomSettings", { rid, ...changes });
  if (staysArchived && (isOpened || !actual.archived)) await archive("archive");
  return { id: rid };
}

function roomType({ type }: Channel): "c" | "p" {
  return type === "private" ? "p" : "c";
}
