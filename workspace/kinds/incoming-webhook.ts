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
type Stored = { integration: Incoming };

const type = "webhook-incoming";

/** Webhooks that programs post to. The answer is the path of its address, which Rocket.Chat makes once. */
export const incomingWebhook: Kind<IncomingWebhook> = {
  async read(api, name, _wanted, id) {
    const found = await findIntegration<Incoming>(api, type, name, id);
    if (found === undefined) return undefined;
    const overrideChannel = found.overrideDestinationChannelEnabled === true;
    return foundOf(found, { ...shownOf(found, name), overrideChannel }, pathOf(found));
  },

  create: async (api, name, wanted) =>
    made(await api.post<Stored>("/api/v1/integrations.create", body(name, wanted))),

  update: async (api, name, wanted, { id }) =>
    made(await api.put<Stored>("/api/v1/integrations.update", { ...body(name, wanted), integrationId: id })),

  remove: (api, name, _old, id) => removeIntegration(api, type, name, id),
};

function body(name: string, wanted: IncomingWebhook) {
  return { ...bodyOf(type, name, wanted), overrideDestinationChannelEnabled: wanted.overrideChannel };
}

function made({ integration }: Stored) {
  return madeOf(integration, pathOf(integration));
}

function pathOf({ _id, token }: Integration): string {
  return `/hooks/${_id}/${encodeURIComponent(token)}`;
}
