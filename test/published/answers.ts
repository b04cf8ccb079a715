// An answer as it comes over the line: what is published of it, in JSON, and that it is a success.
import type { AnswerOf, Known } from "./endpoints";

/** Answers without the word of success, which are told by their status alone (apps/meteor/app/api/server/ApiClass.ts). */
type Bare = "/v1/logout";

export type Answer<Path extends keyof Known, Method extends keyof Known[Path]> = Json<
  AnswerOf<Known[Path][Method]>
> &
  (Path extends Bare ? unknown : { success: true });

type Json<T> = 0 extends 1 & T
  ? T
  : unknown extends T
    ? unknown
    : T extends Date
      ? string
      : // Values of an enum, and names that are marked as such, are plain texts.
        T extends string
        ? `${T}`
        : T extends (infer Item)[]
          ? Json<Item>[]
          : T extends object
            ? { [Key in keyof T as undefined extends T[Key] ? never : Key]: Json<T[Key]> } & {
                [Key in keyof T as undefined extends T[Key] ? Key : never]?: Json<Exclude<T[Key], undefined>>;
              }
            : // Nothing is said: an empty object, to which the word of success is added.
              T extends void
              ? unknown
              : T;
