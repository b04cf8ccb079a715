import type { dynamic } from "@pulumi/pulumi";
import { OperatorError } from "../terminal/steps";
import { type Api, ApiFailure, NotReached, onDemand, RestApi } from "./api";
import { apply, type Items, type Known, look, nothing } from "./collection";
import { kinds } from "./kinds";
import { type Container, HurriedTransport, Relay } from "./relay";
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

/** What Pulumi asks of a dynamic resource; `components/workspace/workspace-collection.ts` has the rest. */
export type Provider = Required<Pick<dynamic.ResourceProvider<Inputs, State>, "create" | "read" | "update">>;

/** One way to each workspace for all collections of a deployment, as somebody who is not logged in: Pulumi keeps the plugin running. */
const transports = new Map<string, HurriedTransport>();
/** One session of each. */
const sessions = new Map<string, Promise<Api>>();

function transportTo(connection: Connection): HurriedTransport {
  const key = JSON.stringify(connection);
  const known = transports.get(key);
  if (known !== undefined) return known;
  const transport = new HurriedTransport(new Relay(connection));
  transports.set(key, transport);
  return transport;
}

function serverOf(connection: Connection): Api {
  return new RestApi(transportTo(connection));
}

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

/** How long a refresh waits for an answer. Rocket.Chat without its database keeps one waiting for more than a minute. */
const patienceMs = 5_000;
/** So long after an answer that did not come, nobody else asks. */
const quietMs = 30_000;
let silence: { untilMs: number; reason: string } | undefined;

/**
 * A refresh while Rocket.Chat or its database is away must not fail, nor wait: nothing is known to have changed, and what else the
 * refresh is for goes on.
 */
async function seen({ kind, connection, items, ids, answers }: State): Promise<Known> {
  const known = { items, ids, answers };
  if (Object.keys(items).length === 0) return known;
  try {
    if (isQuiet()) throw new NotReached(silence!.reason);
    return await transportTo(connection).hurry(patienceMs, async () =>
      look(await apiFor(kind, connection), kindOf(kind, connection), known),
    );
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    if (isAway(error) && !isQuiet()) silence = { untilMs: Date.now() + quietMs, reason: error.message };
    console.error(`${kind}: was not looked at, and is taken to be as it was; ${error.message}`);
    return known;
  }
}

function isQuiet(): boolean {
  return silence !== undefined && Date.now() < silence.untilMs;
}

function isAway(error: OperatorError): boolean {
  return error instanceof NotReached || (error instanceof ApiFailure && error.status >= 500);
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
