import type { Api } from "../api";

/** Something in the workspace, as it was found or made. */
export interface Made {
  /** Rocket.Chat's own id. */
  id: string;
  /** What only Rocket.Chat knows, such as an address. Kept as a secret. @default nothing */
  answer?: string;
}

/** Something that was found. `actual` has the keys of what is wanted, and the values that are there. */
export interface Found<Item> extends Made {
  actual: Item;
  /** Rocket.Chat tells that there is a value, and not which: the one that was applied last is taken for it. @default false */
  unseen?: boolean;
}

/**
 * How one kind of thing in the workspace is looked at and changed. `name` is its key in the settings.
 *
 * A deployment that was killed does it all again, so each call finds its work done: `create` takes over what is there under
 * the name. Nothing writes what is already so.
 */
export interface Kind<Item> {
  /**
   * What is there; undefined when it is gone.
   * @param id undefined when it is not known: it is found by its name.
   * @param answer the last one, where only the state knows it.
   */
  read(
    api: Api,
    name: string,
    wanted: Item,
    id: string | undefined,
    answer?: string,
  ): Promise<Found<Item> | undefined>;
  create(api: Api, name: string, wanted: Item): Promise<Made>;
  /**
   * Something under the name that the state does not know, before it is changed: a deployment that was killed may have made it, or the
   * state was lost; else it is somebody else's. @default it is taken over
   * @throws OperatorError when it must not be
   */
  refuseForeign?(wanted: Item, found: Found<Item>): void;
  update(api: Api, name: string, wanted: Item, found: Found<Item>): Promise<Made>;
  /** It is not in the settings any more. */
  remove(api: Api, name: string, old: Item, id: string): Promise<void>;
}
