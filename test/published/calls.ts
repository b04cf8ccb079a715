// What Rocket.Chat publishes of its API judges every call of ops/workspace, when the types are checked: the path, what is sent, and
// what is read of the answer. A deployment's own compiler does not come here, and needs none of these packages.
import type { IPermission, IRole } from "@rocket.chat/core-typings";
import type { ISetting as AppSetting } from "@rocket.chat/apps-engine/definition/settings";
import type { Endpoints, MeApiSuccessResponse } from "@rocket.chat/rest-typings";
import type { ReplacePlaceholders } from "@rocket.chat/rest-typings/dist/helpers/ReplacePlaceholders";

/** What the package leaves out: the server declares it beside its code (apps/meteor/app/api/server/v1/). */
interface Unpublished {
  "/v1/permissions.listAll": { GET: () => { update: IPermission[] } };
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
type OptionalEngine<Body> = Body extends unknown
  ? Omit<Body, "scriptEngine"> & { scriptEngine?: "isolated-vm" }
  : never;

/** Where the server does not as the package says. */
interface Corrected {
  /** Published as asking for what only the server's own code passes. */
  "/v1/me": { GET: () => MeApiSuccessResponse };
  /** Published as requiring `fields`, which the server's own check does not. */
  "/v1/users.create": {
    POST: (
      body: Omit<Sent<"/v1/users.create", "POST">, "fields">,
    ) => ReturnType<Endpoints["/v1/users.create"]["POST"]>;
  };
  /** Published with any answer. */
  "/v1/login": {
    POST: (body: Sent<"/v1/login", "POST">) => { data: { userId: string; authToken: string } };
  };
  /** Newer servers have `hasValue` in place of a secret. */
  "/v1/settings/:_id": {
    GET: () => ReturnType<Endpoints["/v1/settings/:_id"]["GET"]> & { hasValue?: boolean };
    POST: Endpoints["/v1/settings/:_id"]["POST"];
  };
  /** Published as requiring the script's engine, which the server's own check does not. */
  "/v1/integrations.update": {
    PUT: (
      body: OptionalEngine<Sent<"/v1/integrations.update", "PUT">>,
    ) => ReturnType<Endpoints["/v1/integrations.update"]["PUT"]>;
  };
  /** Published as a list; the server answers with a map (apps/meteor/ee/server/apps/communication/rest.ts). */
  "/apps/:id/settings": {
    GET: () => { settings: Record<string, AppSetting> };
    POST: Endpoints["/apps/:id/settings"]["POST"];
  };
}

/** Does not compile any more when the package comes to say otherwise of what it left out. */
interface Known extends Omit<Endpoints, keyof Corrected>, Corrected, Unpublished {}

declare module "../../ops/workspace/api" {
  interface Calls<Method extends string, Read> {
    published: Published<Method, Read>;
  }
}

/** The paths of the endpoints whose answers have what is read of them, each with the body or query that it takes. */
type Published<Method extends string, Read> = {
  [Path in keyof Known]: Method extends keyof Known[Path]
    ? true extends Has<AnswerOf<Known[Path][Method]>, Read>
      ? [path: `/api${ReplacePlaceholders<Path>}`, ...ParametersOf<Known[Path][Method]>]
      : never
    : never;
}[keyof Known];

type AnswerOf<Endpoint> = Endpoint extends (...args: never[]) => infer Answer ? Answer : never;

type ParametersOf<Endpoint> = Endpoint extends (...args: infer Args) => unknown
  ? Args extends []
    ? []
    : object extends Args[0]
      ? [parameters?: NonNullable<Args[0]> & object]
      : [parameters: Args[0] & object]
  : never;

/** Whether what is read is there. The real answer may have fewer values than are published, or be absent: that is for the code to judge. */
type Has<Given, Read> = unknown extends Read
  ? true
  : 0 extends 1 & Given
    ? false
    : Given extends unknown
      ? [Read] extends [(infer ReadItem)[]]
        ? Given extends (infer Item)[]
          ? Has<Item, ReadItem>
          : false
        : [Read] extends [object]
          ? HasAll<Given, Read>
          : [Given & Read] extends [never]
            ? false
            : true
      : never;

type HasAll<Given, Read> = {
  [Key in keyof Read]-?: Key extends keyof Given
    ? true extends Has<NonNullable<Given[Key]>, NonNullable<Read[Key]>>
      ? never
      : Key
    : Key;
}[keyof Read] extends never
  ? true
  : false;
