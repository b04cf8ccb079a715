// Calls that the types refuse. One that they let through is an error of tsc: an expected error that is not there.
import type { Api } from "../../workspace/api";

export function refused(api: Api) {
  return [
    // @ts-expect-error there is no such endpoint
    api.get("/api/v1/rooms.adminRoom", { rid: "r1" }),
    // @ts-expect-error an endpoint of another method
    api.post("/api/v1/integrations.update", {}),
    // @ts-expect-error the key is readOnly
    api.post("/api/v1/channels.create", { name: "dev", readonly: true }),
    // @ts-expect-error the channel is a text
    api.post("/api/v1/integrations.create", { ...incoming, channel: ["#dev"] }),
    // @ts-expect-error a missing body
    api.post("/api/v1/rooms.saveRoomSettings"),
    // @ts-expect-error renewing a token keeps what it said of the second factor
    api.post("/api/v1/users.regeneratePersonalAccessToken", { tokenName: "a", bypassTwoFactor: true }),
    // @ts-expect-error a key in the depth
    api.post("/api/v1/users.update", { userId: "u1", data: { pass: "hush" } }),
    // @ts-expect-error not a status of an app
    api.post(`/api/apps/${"a1"}/status`, { status: "enabled" }),
    // @ts-expect-error nothing that the answer has
    api.get<{ user: { mail: string } }>("/api/v1/users.info", { username: "admin" }),
    // @ts-expect-error a list, not a room
    api.get<{ rooms: { _id: string } }>("/api/v1/rooms.adminRooms", { filter: "dev" }),
    // @ts-expect-error another type
    api.get<{ apps: { version: number }[] }>("/api/apps/installed"),
  ];
}

const incoming = {
  type: "webhook-incoming" as const,
  name: "a",
  username: "rocket.cat",
  enabled: true,
  scriptEnabled: false,
};
