import { isDeepStrictEqual } from "node:util";
import type { dynamic } from "@pulumi/pulumi";
import { type Api, NotReached, onDemand, RestApi } from "./api";
import { apply, type Items, type Known, look, nothing } from "./collection";
import { kinds } from "./kinds";
import { type Container, Relay } from "./relay";
import { logIn } from "./session";
import { hostVault } from "./vault";

/** Where a workspace is, and where its administrator's secrets are. */
export interface Connection extends Container {
  helperImage: string;
  /** Host directory. */
  secretsDirectory: string;
  administrator: string;
}

/** What a collection of the program says. */
export interface Inputs {
  kind: string;
  connection: Connection;
  items: Items;
  /** What the items rest on elsewhere. @default nothing */
  basis?: string;
}

/** What Pulumi remembers of it. */
export type State = Inputs & Known;

/** What Pulumi asks of a dynamic resource; see `components/workspace-collection.ts`. */
export type Provider = Required<
  Pick<dynamic.ResourceProvider<Inputs, State>, "diff" | "create" | "read" | "update">
>;

/** One way to each workspace, as somebody who is not logged in. */
const servers = new Map<string, Api>();

function serverOf(connection: Connection): Api {
  const key = JSON.stringify(connection);
  const server = servers.get(key) ?? new RestApi(new Relay(connection));
  servers.set(key, server);
  return server;
}

/** One session for all collections of a deployment: Pulumi keeps the plugin running. */
const sessions = new Map<string, Promise<Api>>();

function sessionOf(connection: Connection): Promise<Api> {
  const key = JSON.stringify(connection);
  const known = sessions.get(key);
  if (known !== undefined) return known;
  const session = logIn(serverOf(connection), vaultOf(connection), connection.administrator);
  sessions.set(key, session);
  session.catch(() => sessions.delete(key));
  return session;
}

/**
 * The host tells which password counts, and everybody may see whether the fingerprint is accepted: in a workspace that nobody can log
 * in to, both may stay as they are.
 */
const needsNobody = ["administrator", "fingerprint"];

function apiFor(kind: string, connection: Connection): Promise<Api> | Api {
  const session = () => sessionOf(connection);
  return needsNobody.includes(kind) ? onDemand(session) : session();
}

/** The first call of a deployment makes the session's token; the others wait for it, and for each other: no two write at once. */
let queue: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = queue.then(work, work);
  queue = turn.catch(() => undefined);
  return turn;
}

/** It has no `delete`: the data of a stack that is taken down stay as they are. */
export const provider: Provider = {
  diff: (_id, olds, news) =>
    Promise.resolve({
      changes: !isDeepStrictEqual(
        [olds.items, olds.connection, olds.basis],
        [news.items, news.connection, news.basis],
      ),
    }),

  create: (inputs) =>
    inTurn(async () => ({ id: inputs.kind, outs: { ...inputs, ...(await applied(inputs, nothing)) } })),

  update: (_id, olds, news) => inTurn(async () => ({ outs: { ...news, ...(await applied(news, olds)) } })),

  read: (id, state) =>
    inTurn(async () => {
      if (state === undefined) throw new Error(`${id}: cannot be imported, only made`);
      const { kind, connection, basis } = state;
      const now = await seen(state);
      const inputs: Inputs = { kind, connection, items: now.items, ...(basis !== undefined && { basis }) };
      return { id, props: { ...state, ...now }, inputs: inputs as State }; // the SDK's type has it so
    }),
};

async function applied({ kind, connection, items }: Inputs, known: Known): Promise<Known> {
  const empty = Object.keys(items).length === 0 && Object.keys(known.items).length === 0;
  if (empty) return nothing;
  const made = await apply(await apiFor(kind, connection), kindOf(kind, connection), items, known);
  // A new password ends every login of the account, the token of deployments too: the next one to ask logs in again.
  if (kind === "administrator") sessions.delete(JSON.stringify(connection));
  return made;
}

/** A refresh while Rocket.Chat is away, after a crash for instance, must not fail: nothing is known to have changed. */
async function seen({ kind, connection, items, ids, answers }: State): Promise<Known> {
  const known = { items, ids, answers };
  if (Object.keys(items).length === 0) return known;
  try {
    return await look(await apiFor(kind, connection), kindOf(kind, connection), known);
  } catch (error) {
    if (!(error instanceof NotReached)) throw error;
    console.error(`${kind}: was not looked at; ${error.message}`);
    return known;
  }
}

function kindOf(name: string, connection: Connection) {
  const known = kinds(vaultOf(connection), connection.administrator, serverOf(connection));
  const kind = known[name];
  if (kind === undefined) throw new Error(`${name}: must be one of ${Object.keys(known).join(", ")}`);
  return kind;
}

function vaultOf({ engine, helperImage, secretsDirectory }: Connection) {
  return hostVault(engine, helperImage, secretsDirectory);
}
