import { randomBytes } from "node:crypto";
import type { OutgoingEvent } from "../../settings/workspace/webhooks";
import {
  bodyOf,
  findIntegration,
  foundOf,
  type Integration,
  madeOf,
  removeIntegration,
  shownOf,
  type Webhook,
} from "./integration";
import type { Kind } from "./kind";
import { ensureMayImpersonate } from "./poster";

export interface OutgoingWebhook extends Webhook {
  event: OutgoingEvent;
  urls: string[];
  /** Only messages that begin with one of them count. @default every message */
  triggerWords?: string[];
  /** The words count anywhere in a message. */
  triggerWordAnywhere: boolean;
  /** Generation of the token that each call carries. */
  token: number;
}

type Outgoing = Integration & {
  event: OutgoingEvent;
  urls: string[];
  triggerWords?: string[] | null;
  triggerWordAnywhere?: boolean | null;
};

type Stored = { integration: Outgoing };

const type = "webhook-outgoing";

/** Webhooks that Rocket.Chat calls. The answer is the token by which the receiver knows them. */
export const outgoingWebhook: Kind<OutgoingWebhook> = {
  async read(api, name, _wanted, id) {
    const found = await findIntegration<Outgoing>(api, type, name, id);
    if (found === undefined) return undefined;
    const { event, urls, triggerWords, triggerWordAnywhere, token } = found;
    // Those of another event mean nothing, and an update leaves them there.
    const words = event === "sendMessage" && triggerWords?.length ? { triggerWords } : {};
    const actual = {
      ...shownOf(found, name),
      event,
      urls,
      ...words,
      triggerWordAnywhere: triggerWordAnywhere === true,
      token: generationOf(token),
    };
    return foundOf(found, actual, token);
  },

  async create(api, name, wanted) {
    await ensureMayImpersonate(api, wanted);
    const content = body(name, wanted, newToken(wanted.token));
    return made(await api.post<Stored>("/api/v1/integrations.create", content));
  },

  async update(api, name, wanted, { id, actual, answer = "" }) {
    await ensureMayImpersonate(api, wanted);
    const token = actual.token === wanted.token ? answer : newToken(wanted.token);
    const content = { ...body(name, wanted, token), integrationId: id };
    return made(await api.put<Stored>("/api/v1/integrations.update", content));
  },

  remove: (api, name, _old, id) => removeIntegration(api, type, name, id),
};

function body(name: string, wanted: OutgoingWebhook, token: string) {
  const { event, urls, triggerWords = [], triggerWordAnywhere } = wanted;
  return { ...bodyOf(type, name, wanted), event, urls, triggerWords, triggerWordAnywhere, token };
}

function made({ integration }: Stored) {
  return madeOf(integration, integration.token);
}

/** A token tells its generation, so that it needs no other memory. One that somebody else made is of the first. */
function newToken(generation: number): string {
  return `${generation}.${randomBytes(24).toString("base64url")}`;
}

function generationOf(token: string): number {
  return Number(/^(\d+)\.[\w-]{32}$/.exec(token)?.[1] ?? 1);
}
