import { isDeepStrictEqual } from "node:util";
import { OperatorError } from "../terminal/steps";
import type { Api } from "./api";
import type { Kind } from "./kinds/kind";

/** Things of one kind, by their names in the settings. */
export type Items = Record<string, unknown>;

/** What is known of a collection after it was looked at or changed. */
export interface Known {
  items: Items;
  /** Rocket.Chat's ids. */
  ids: Record<string, string>;
  /** What only Rocket.Chat knows, such as addresses; secret. */
  answers: Record<string, string>;
}

export const nothing: Known = { items: {}, ids: {}, answers: {} };

/** What is there of a collection. What is gone is left out. */
export async function look(api: Api, kind: Kind<unknown>, known: Known): Promise<Known> {
  const now: Known = { items: {}, ids: {}, answers: {} };
  for (const [name, item] of Object.entries(known.items)) {
    const found = await of(name, kind.read(api, name, item, known.ids[name], known.answers[name]));
    if (found === undefined) continue;
    now.items[name] = found.actual;
    note(now, name, found);
  }
  return now;
}

/** Makes a collection as it is wanted. Asks before it writes, and writes only what differs. */
export async function apply(api: Api, kind: Kind<unknown>, wanted: Items, known: Known): Promise<Known> {
  const now: Known = { items: wanted, ids: {}, answers: {} };
  for (const [name, item] of Object.entries(known.items)) {
    const id = known.ids[name];
    if (!(name in wanted) && id !== undefined) await of(name, kind.remove(api, name, item, id));
  }
  for (const [name, item] of Object.entries(wanted)) {
    const found = await of(name, kind.read(api, name, item, known.ids[name], known.answers[name]));
    if (found === undefined) note(now, name, await of(name, kind.create(api, name, item)));
    else if (isDeepStrictEqual(found.unseen ? known.items[name] : found.actual, item)) note(now, name, found);
    else {
      const ours = found.id === known.ids[name];
      const update = async () => {
        if (!ours) kind.refuseForeign?.(item, found);
        return kind.update(api, name, item, found);
      };
      note(now, name, await of(name, update()));
    }
  }
  return now;
}

/** An error says which thing it is about. */
async function of<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OperatorError) error.message = `${name}: ${error.message}`;
    throw error;
  }
}

function note(known: Known, name: string, { id, answer }: { id: string; answer?: string }): void {
  known.ids[name] = id;
  if (answer !== undefined) known.answers[name] = answer;
}
