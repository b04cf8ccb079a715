import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Api } from "../api";
import {
  faultOf,
  findIntegration,
  type Integration,
  refuseBrokenScript,
  removeIntegration,
} from "../kinds/integration";
import { hashOf, type LinkWebhook, linkWebhook, name, shownAs, type } from "./link-webhook";
import type { Meetings } from "./meetings";

const unknownCommands = "/api/v1/settings/Message_AllowUnrecognizedSlashCommand";

export type Link = Integration & { triggerWords?: string[] | null; impersonateUser?: boolean };

export function findLink(api: Api): Promise<Link | undefined> {
  return findIntegration<Link>(api, type, name, undefined);
}

/** A webhook that calls nobody: its script is the answer. */
export async function ensureLink(api: Api, wanted: Meetings, present: Link | undefined): Promise<void> {
  const webhook = linkWebhook(wanted);
  const body = { ...webhook, triggerWords: wanted.triggers };
  if (present === undefined) {
    const token = randomBytes(24).toString("base64url");
    const made = await api.post<{ integration: Link }>("/api/v1/integrations.create", { ...body, token });
    refuseBrokenScript(made.integration);
  } else if (!isAs(present, webhook) || !isDeepStrictEqual(present.triggerWords, wanted.triggers)) {
    const { _id: integrationId, token } = present;
    const path = "/api/v1/integrations.update";
    const made = await api.put<{ integration: Link }>(path, { ...body, token, integrationId });
    refuseBrokenScript(made.integration);
  }
  const had = hasCommand(present?.triggerWords);
  const needs = hasCommand(wanted.triggers);
  if (needs || had) await allowUnknownCommands(api, needs);
}

export async function removeLink(api: Api): Promise<void> {
  const present = await findLink(api);
  if (present === undefined) return;
  if (hasCommand(present.triggerWords)) await allowUnknownCommands(api, false);
  await removeIntegration(api, type, name, present._id);
}

/** The wanted settings as they are in the webhook. `mode` says what else is not as it should be. */
export async function linkAsWanted(api: Api, wanted: Meetings, present: Link): Promise<Meetings> {
  return {
    ...wanted,
    mode: await modeOf(api, wanted, present),
    triggers: present.triggerWords ?? [],
    script: hashOf({ ...linkWebhook(wanted), script: present.script ?? "" }),
  };
}

async function modeOf(api: Api, wanted: Meetings, present: Link): Promise<string> {
  if (!isAs(present, { ...linkWebhook(wanted), script: present.script ?? "" })) {
    return present.enabled ? "link, whose webhook was changed" : "link, whose webhook is disabled";
  }
  if (!hasCommand(wanted.triggers)) return wanted.mode;
  const { value } = await api.get<{ value: boolean }>(unknownCommands);
  return value ? wanted.mode : "link, with Message_AllowUnrecognizedSlashCommand false";
}

function isAs(present: Link, wanted: LinkWebhook): boolean {
  return faultOf(present) === undefined && isDeepStrictEqual(shownAs(wanted, present), wanted);
}

/** As a message, that is: a client sends an unknown command only where the workspace allows it. */
async function allowUnknownCommands(api: Api, allowed: boolean): Promise<void> {
  const { value } = await api.get<{ value: boolean }>(unknownCommands);
  if (value !== allowed) await api.post(unknownCommands, { value: allowed });
}

function hasCommand(words: string[] | null | undefined): boolean {
  return words?.some((word) => word.startsWith("/")) ?? false;
}
