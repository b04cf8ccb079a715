// What Rocket.Chat publishes of its API, with what it leaves out and where the server does otherwise.
import type { App, IMeApiUser, IPermission, IRole, ISetting, IUser } from "@rocket.chat/core-typings";
import type { ISetting as AppSetting } from "@rocket.chat/apps-engine/definition/settings";
import type { Endpoints, MeApiSuccessResponse } from "@rocket.chat/rest-typings";

/** What the package leaves out: the server declares it beside its code (apps/meteor/app/api/server/v1/). */
interface Unpublished {
  "/v1/permissions.listAll": { GET: () => { update: IPermission[]; remove: IPermission[] } };
  "/v1/permissions.update": {
    POST: (body: { permissions: Pick<IPermission, "_id" | "roles">[] }) => { permissions: IPermission[] };
  };
  "/v1/roles.update": {
    POST: (
      body: { roleId: string } & Pick<IRole, "name"> &
        Partial<Pick<IRole, "scope" | "description" | "mandatory2fa">>,
    ) => { role: IRole };
  };
}

type Sent<
  Path extends keyof Endpoints,
  Method extends keyof Endpoints[Path],
> = Endpoints[Path][Method] extends (body: infer Body) => unknown ? Body : never;
type Answered<Path extends keyof Endpoints, Method extends keyof Endpoints[Path]> = AnswerOf<
  Endpoints[Path][Method]
>;
type OptionalEngine<Body> = Body extends unknown
  ? Omit<Body, "scriptEngine"> & { scriptEngine?: "isolated-vm" }
  : never;

/** What an app says of itself. */
type AppInfo = Pick<App, "id" | "name" | "version" | "status"> & { nameSlug: string };
type InstalledApp = AppInfo &
  Pick<App, "private" | "migrated" | "clusterStatus"> & {
    languages: Record<string, Record<string, string>>;
  };
interface AppFetched {
  app: AppInfo;
  implemented: Record<string, boolean>;
  licenseValidation: NonNullable<App["licenseValidation"]>;
}

/** Where the server does not as the package says. Paths are those of its sources below apps/meteor. */
interface Corrected {
  /** Published as asking for what only the server's own code passes. */
  "/v1/me": { GET: () => MeApiSuccessResponse };
  /** Published as requiring `fields`, which the server's own check does not. */
  "/v1/users.create": {
    POST: (body: Omit<Sent<"/v1/users.create", "POST">, "fields">) => Answered<"/v1/users.create", "POST">;
  };
  /** Published with a whole user; the server looks for the flag alone (app/api/server/v1/users.ts). */
  "/v1/users.setActiveStatus": {
    POST: (body: Sent<"/v1/users.setActiveStatus", "POST">) => { user: Pick<IUser, "_id" | "active"> };
  };
  /** Published with a whole user; the server leaves out when it was changed (app/lib/server/functions/getFullUserData.ts). */
  "/v1/users.info": {
    GET: (query: Sent<"/v1/users.info", "GET">) => {
      user: Omit<Answered<"/v1/users.info", "GET">["user"], "_updatedAt">;
    };
  };
  /** Published with any answer (app/api/server/ApiClass.ts). */
  "/v1/login": {
    POST: (body: Sent<"/v1/login", "POST">) => {
      status: "success";
      data: { userId: string; authToken: string; me: IMeApiUser };
    };
  };
  /** Published as the words alone; the server wraps them (app/api/server/ApiClass.ts). */
  "/v1/logout": { POST: () => { status: "success"; data: Answered<"/v1/logout", "POST"> } };
  /** Newer servers have `hasValue` in place of a secret. */
  "/v1/settings/:_id": {
    GET: () => Answered<"/v1/settings/:_id", "GET"> & { hasValue?: boolean };
    POST: Endpoints["/v1/settings/:_id"]["POST"];
  };
  /** Published with whole settings; the server reads some fields (app/api/server/v1/settings.ts). */
  "/v1/settings.public": {
    GET: (query: Sent<"/v1/settings.public", "GET">) => Omit<
      Answered<"/v1/settings.public", "GET">,
      "settings"
    > & {
      settings: Pick<ISetting, "_id" | "value" | "enterprise" | "invalidValue" | "modules">[];
    };
  };
  /** Published with a room for the channel; the server repeats what it was given (app/lib/server/functions/processWebhookMessage.ts). */
  "/v1/chat.postMessage": {
    POST: (
      body: Sent<"/v1/chat.postMessage", "POST">,
    ) => Omit<Answered<"/v1/chat.postMessage", "POST">, "channel"> & { channel: string };
  };
  /** Published without the id, which confirming it takes (app/api/server/v1/rooms.ts). */
  "/v1/rooms.media/:rid": {
    POST: (body: Sent<"/v1/rooms.media/:rid", "POST">) => { file: { _id: string; url: string } };
  };
  /** Published as requiring the script's engine, which the server's own check does not. */
  "/v1/integrations.update": {
    PUT: (
      body: OptionalEngine<Sent<"/v1/integrations.update", "PUT">>,
    ) => Answered<"/v1/integrations.update", "PUT">;
  };
  /** Published without what clients are told besides (app/api/server/lib/getServerInfo.ts). */
  "/info": {
    GET: () => {
      version: string;
      minimumClientVersions: Record<string, string>;
      cloudWorkspaceId?: string;
    };
  };
  /** Apps are published as the marketplace has them; the server tells of its own (ee/server/apps/communication/rest.ts). */
  "/apps/installed": {
    GET: (query: Sent<"/apps/installed", "GET">) => { apps: InstalledApp[] };
  };
  "/apps/:id": {
    GET: () => { app: InstalledApp };
    POST: (body: Sent<"/apps/:id", "POST">) => AppFetched;
    DELETE: () => { app: AppInfo };
  };
  "/apps": { POST: (body: Sent<"/apps", "POST">) => AppFetched };
  /** Published as a list; the server answers with a map, and is handed back what was read of it (ee/server/apps/communication/rest.ts). */
  "/apps/:id/settings": {
    GET: () => { settings: Record<string, AppSetting> };
    POST: (body: {
      settings: (Pick<AppSetting, "id"> & Partial<AppSetting>)[];
    }) => Answered<"/apps/:id/settings", "POST">;
  };
}

/** Does not compile any more when the package comes to say otherwise of what it left out. */
export interface Known extends Omit<Endpoints, keyof Corrected>, Corrected, Unpublished {}

export type AnswerOf<Endpoint> = Endpoint extends (...args: never[]) => infer Answer ? Answer : never;
