// What Rocket.Chat publishes of its API judges every call of workspace, when the types are checked: the path, what is sent, and
// what is read of the answer. A deployment's own compiler does not come here, and needs none of these packages.
import type { ReplacePlaceholders } from "@rocket.chat/rest-typings/dist/helpers/ReplacePlaceholders";
import type { AnswerOf, Known } from "./endpoints";

declare module "../../workspace/api" {
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
