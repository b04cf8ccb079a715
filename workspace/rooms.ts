import { type Api, ApiFailure } from "./api";

/** A channel or group as administrators see it, whether or not they are in it and it is archived. */
export interface Room {
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

const page = 100;

export async function roomById(api: Api, rid: string): Promise<Room | undefined> {
  try {
    return await api.get<Room>("/api/v1/rooms.adminRooms.getRoom", { rid });
  } catch (error) {
    // What Rocket.Chat says of a room that is not there.
    if (error instanceof ApiFailure && error.status === 400 && /not.allowed/i.test(error.reason))
      return undefined;
    throw error;
  }
}

/** `rooms.info` would not do: it refuses archived rooms, and private groups of others. */
export async function roomByName(api: Api, name: string): Promise<Room | undefined> {
  for (let offset = 0; ; offset += page) {
    const query = { filter: name, offset, count: page };
    const { rooms, total } = await api.get<{ rooms: Room[]; total: number }>(
      "/api/v1/rooms.adminRooms",
      query,
    );
    const found = rooms.find((room) => room.name === name && (room.t === "c" || room.t === "p"));
    if (found !== undefined || rooms.length === 0 || offset + page >= total) return found;
  }
}
