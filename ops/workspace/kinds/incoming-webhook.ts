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

export interface IncomingWebhook extends Webhook {
  /** A call may name another channel. */
  overrideChannel: boolean;
}

type Incoming = Integration & { overrideDestinationChannelEnabled?: boolean };

const type = "webhook-incoming";

/** Webhooks that programs post to. The answer is the path of its address, which Rocket.Chat makes once. */
export const incomingWebhook: Kind<IncomingWebhook> = {
  async read(api, name, _wanted, id) {
    const found = await findIntegration<Incoming>(api, type, name, id);
    if (found === undefined) return undefined;
    const overrideChannel = found.overrideDestinationChannelEnabled === true;
    return foundOf(found, { ...shownOf(found, name), overrideChannel }, pathOf(found));
  },

  create: (api, name, wanted) => write(api, "post", "/api/v1/integrations.create", body(name, wanted)),

  update: (api, name, wanted, { id }) =>
    write(api, "put", "/api/v1/integrations.update", { ...body(name, wanted), integrationId: id }),

  remove: (api, name, _old, id) => removeIntegration(api, type, name, id),
};

function body(name: string, wanted: IncomingWebhook) {
  return { ...bodyOf(type, name, wanted), overrideDestinationChannelEnabled: wanted.overrideChannel };
}

async function write(api: Api, method: "post" | "put", path: string, content: object) {
  const { integration } = await api[method]<{ integration: Integration }>(path, content);
  return madeOf(integration, pathOf(integration));
}

function pathOf({ _id, token }: Integration): string {
  return `/hooks/${_id}/${encodeURIComponent(token)}`;
}
