// The unit tests of the workspace once more. Each request that they make goes before the validators that Rocket.Chat publishes, and its
// server applies. The types let through a key too many that a variable holds; these do not. They take a second to load, so this
// is no unit test.
import { isDeepStrictEqual } from "node:util";
import { isChannelsCreateProps } from "@rocket.chat/rest-typings/dist/v1/channels/ChannelsCreateProps";
import { isGroupsCreateProps } from "@rocket.chat/rest-typings/dist/v1/groups/GroupsCreateProps";
import { isGroupsInviteProps } from "@rocket.chat/rest-typings/dist/v1/groups/GroupsInviteProps";
import { isIntegrationsCreateProps } from "@rocket.chat/rest-typings/dist/v1/integrations/IntegrationsCreateProps";
import { isIntegrationsListProps } from "@rocket.chat/rest-typings/dist/v1/integrations/IntegrationsListProps";
import { isIntegrationsRemoveProps } from "@rocket.chat/rest-typings/dist/v1/integrations/IntegrationsRemoveProps";
import { isIntegrationsUpdateProps } from "@rocket.chat/rest-typings/dist/v1/integrations/IntegrationsUpdateProps";
import {
  isRoomsAdminRoomsGetRoomProps,
  isRoomsAdminRoomsProps,
  isRoomsChangeArchivationStateProps,
  isRoomsSaveRoomSettingsProps,
} from "@rocket.chat/rest-typings/dist/v1/rooms";
import { isUserCreateParamsPOST } from "@rocket.chat/rest-typings/dist/v1/users/UserCreateParamsPOST";
import { isUserSetActiveStatusParamsPOST } from "@rocket.chat/rest-typings/dist/v1/users/UserSetActiveStatusParamsPOST";
import { isUsersInfoParamsGetProps } from "@rocket.chat/rest-typings/dist/v1/users/UsersInfoParamsGet";
import { isUsersUpdateParamsPOST } from "@rocket.chat/rest-typings/dist/v1/users/UsersUpdateParamsPOST";
import { afterAll, afterEach, expect, vi } from "vitest";
import type { Request } from "../../workspace/relay";
import { Script } from "../scripted-server";
import "../workspace.test";
import "../workspace-objects.test";

type Validator = ((value: unknown) => boolean) & { errors?: unknown };

const validators: Record<string, Validator> = {
  "POST /api/v1/channels.create": isChannelsCreateProps,
  "POST /api/v1/groups.create": isGroupsCreateProps,
  "POST /api/v1/groups.invite": isGroupsInviteProps,
  "POST /api/v1/integrations.create": isIntegrationsCreateProps,
  "GET /api/v1/integrations.list": isIntegrationsListProps,
  "POST /api/v1/integrations.remove": isIntegrationsRemoveProps,
  "PUT /api/v1/integrations.update": isIntegrationsUpdateProps,
  "GET /api/v1/rooms.adminRooms": isRoomsAdminRoomsProps,
  "GET /api/v1/rooms.adminRooms.getRoom": isRoomsAdminRoomsGetRoomProps,
  "POST /api/v1/rooms.changeArchivationState": isRoomsChangeArchivationStateProps,
  "POST /api/v1/rooms.saveRoomSettings": isRoomsSaveRoomSettingsProps,
  "POST /api/v1/users.create": isUserCreateParamsPOST,
  "GET /api/v1/users.info": isUsersInfoParamsGetProps,
  "POST /api/v1/users.setActiveStatus": isUserSetActiveStatusParamsPOST,
  "POST /api/v1/users.update": isUsersUpdateParamsPOST,
};

/** No validator is published for these: the types judge them alone. */
const unjudged = [
  "GET /api/v1/me",
  "GET /api/v1/permissions.listAll",
  "GET /api/v1/roles.list",
  "GET /api/v1/settings/:id",
  "GET /api/v1/users.getPersonalAccessTokens",
  // There is one, which wants an object for the user. The server takes a name.
  "POST /api/v1/login",
  "POST /api/v1/logout",
  "POST /api/v1/permissions.update",
  "POST /api/v1/roles.update",
  "POST /api/v1/settings/:id",
  "POST /api/v1/users.generatePersonalAccessToken",
  "POST /api/v1/users.removePersonalAccessToken",
  // Of the tests of what any call does.
  "POST /api/v1/x",
];

const refused: unknown[] = [];
const judged = new Set<string>();
const unknown = new Set<string>();

// eslint-disable-next-line @typescript-eslint/unbound-method -- called on the same server
const send = Script.prototype.send;
vi.spyOn(Script.prototype, "send").mockImplementation(function (this: Script, request: Request) {
  judge(request);
  return send.call(this, request);
});

function judge({ method, path, body }: Request): void {
  const { pathname, searchParams } = new URL(path, "http://rocketchat");
  const endpoint = `${method} ${pathname.replace(/settings\/.*/, "settings/:id")}`;
  const validator = validators[endpoint];
  if (validator === undefined) {
    unknown.add(endpoint);
    return;
  }
  judged.add(endpoint);
  const given: unknown = method === "GET" ? Object.fromEntries(searchParams) : JSON.parse(body ?? "{}");
  const seen = structuredClone(given);
  // They turn a text into the number or the list that is wanted: right for a query alone.
  const fits = validator(seen) && (method === "GET" || isDeepStrictEqual(seen, given));
  if (!fits) refused.push({ endpoint, given, errors: validator.errors });
}

afterEach(() => expect(refused.splice(0)).toEqual([]));

afterAll(() => {
  expect([...judged].sort()).toEqual(Object.keys(validators).sort());
  expect([...unknown].sort()).toEqual(unjudged);
});
