import { randomBytes } from "node:crypto";
import type { Api } from "../api";
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

export interface OutgoingWebhook extends Webhook {
  event: string;
  urls: string[];
  /** Only messages that begin with one of them count. @default every message */
  triggerWords?: string[];
  /** The words count anywhere in a message. */
  triggerWordAnywhere: boolean;
  /** Generation of the token that each call carries. */
  token: number;
}

type Outgoing = Integration & {
  event: string;
  urls: string[];
  triggerWords?: string[] | null;
  triggerWordAnywhere?: boolean | null;
};

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
      ...{ event, urls, ...words },
      triggerWordAnywhere: triggerWordAnywhere === true,
      token: generationOf(token),
    };
    return foundOf(found, actual, token);
  },

  create: (api, name, wanted) =>
    write(api, "post", "/api/v1/integrations.create", body(name, wanted, newToken(wanted.token))),

  update(api, name, wanted, { id, actual, answer = "" }) {
    const token = actual.token === wanted.token ? answer : newToken(wanted.token);
    return write(api, "put", "/api/v1/integrations.update", {
      ...body(name, wanted, token),
      integrationId: id,
    });
  },

  remove: (api, name, _old, id) => removeIntegration(api, type, name, id),
};

function body(name: string, wanted: OutgoingWebhook, token: string) {
  const { event, urls, triggerWords = [], triggerWordAnywhere } = wanted;
  return { ...bodyOf(type, name, wanted), event, urls, triggerWords, triggerWordAnywhere, token };
}

async function write(api: Api, method: "post" | "put", path: string, content: object) {
  const { integration } = await api[method]<{ integration: Integration }>(path, content);
  return madeOf(integration, integration.token);
}

/** A token tells its generation, so that it needs no other memory. One that somebody else made is of the first. */
function newToken(generation: number): string {
  return `${generation}.${randomBytes(24).toString("base64url")}`;
}

function generationOf(token: string): number {
  return Number(/^(\d+)\.[\w-]{32}$/.exec(token)?.[1] ?? 1);
}
