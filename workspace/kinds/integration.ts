import { OperatorError } from "../../terminal/steps";
import { type Api } from "../api";
import type { Found, Made } from "./kind";

/** What a webhook of either direction has. Left out: none. */
export interface Webhook {
  enabled: boolean;
  /** `#channel`, `@user`, or a word for many of them. */
  channel: string[];
  username: string;
  alias?: string;
  avatar?: string;
  emoji?: string;
  /** JavaScript that Rocket.Chat runs on each call. */
  script?: string;
}

/** As Rocket.Chat keeps it. */
export interface Integration {
  _id: string;
  type: "webhook-incoming" | "webhook-outgoing";
  name: string;
  enabled: boolean;
  channel: string[];
  username: string;
  alias?: string | null;
  avatar?: string | null;
  emoji?: string | null;
  script?: string | null;
  scriptEnabled: boolean;
  scriptError?: { name: string; message: string } | null;
  token: string;
}

const pageSize = 100;

/** A webhook by its id, or else the only one of its type that has the name. */
export async function findIntegration<T extends Integration>(
  api: Api,
  type: Integration["type"],
  name: string,
  id: string | undefined,
): Promise<T | undefined> {
  const all = (await list(api)).filter((one): one is T => one.type === type);
  const byId = all.find(({ _id }) => _id === id);
  if (byId !== undefined) return byId;
  const named = all.filter((one) => one.name === name);
  if (named.length <= 1) return named[0];
  throw new OperatorError(
    `the name must be of one ${type} (got ${named.length} in Rocket.Chat); rename or remove the others: Administration, Integrations`,
  );
}

async function list(api: Api): Promise<Integration[]> {
  const found: Integration[] = [];
  for (;;) {
    const query = { offset: found.length, count: pageSize };
    const page = await api.get<{ integrations: Integration[]; total: number }>(
      "/api/v1/integrations.list",
      query,
    );
    found.push(...page.integrations);
    if (found.length >= page.total || page.integrations.length === 0) return found;
  }
}

/** What both directions show of themselves. One that was renamed by hand says so. */
export function shownOf(integration: Integration, name: string): Webhook {
  const { enabled, channel, username, alias, avatar, emoji, script, scriptEnabled } = integration;
  const running = faultOf(integration) ?? script;
  return {
    enabled,
    channel,
    username,
    ...withText({ alias, avatar, emoji, script: scriptEnabled ? running : "" }),
    ...(integration.name === name ? {} : { name: integration.name }),
  };
}

/** The same in a request. An empty text takes away what was there. */
export function bodyOf<Type extends Integration["type"]>(type: Type, name: string, wanted: Webhook) {
  const { enabled, channel, username, alias = "", avatar = "", emoji = "", script = "" } = wanted;
  return {
    type,
    name,
    enabled,
    username,
    alias,
    avatar,
    emoji,
    script,
    channel: channel.join(","),
    scriptEnabled: script !== "",
  };
}

/**
 * Rocket.Chat stores a script that it cannot compile, and then runs none. The fault of a script that is out of use stays there.
 * @returns undefined where there is no fault.
 */
export function faultOf({ scriptEnabled, scriptError }: Integration): string | undefined {
  if (!scriptEnabled || scriptError == null) return undefined;
  return `${scriptError.name}: ${scriptError.message}`;
}

export function refuseBrokenScript(integration: Integration): void {
  const fault = faultOf(integration);
  if (fault === undefined) return;
  throw new OperatorError(
    `script: must be JavaScript that Rocket.Chat can compile (got ${fault}); mend the script`,
  );
}

export async function removeIntegration(api: Api, type: Integration["type"], name: string, id: string) {
  const found = await findIntegration(api, type, name, id);
  if (found !== undefined) await api.post("/api/v1/integrations.remove", { type, integrationId: found._id });
}

export function foundOf<Item>(integration: Integration, actual: Item, answer: string): Found<Item> {
  return { id: integration._id, answer, actual };
}

export function madeOf(integration: Integration, answer: string): Made {
  refuseBrokenScript(integration);
  return { id: integration._id, answer };
}

function withText(texts: Record<string, string | null | undefined>): Record<string, string> {
  const given = Object.entries(texts).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return Object.fromEntries(given);
}
