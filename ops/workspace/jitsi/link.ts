import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Api } from "../api";
import {
  bodyOf,
  faultOf,
  findIntegration,
  type Integration,
  refuseBrokenScript,
  removeIntegration,
} from "../kinds/integration";
import { hashOf, linkScript } from "./link-script";
import { type Meetings, meetingsUrl } from "./meetings";

const type = "webhook-outgoing";
const name = "Jitsi meetings";
const unknownCommands = "/api/v1/settings/Message_AllowUnrecognizedSlashCommand";

export type Link = Integration & { triggerWords?: string[] | null; impersonateUser?: boolean };

export function findLink(api: Api): Promise<Link | undefined> {
  return findIntegration<Link>(api, type, name, undefined);
}

/** A webhook that calls nobody: its script is the answer. */
export async function ensureLink(api: Api, wanted: Meetings, present: Link | undefined): Promise<void> {
  const body = webhook(wanted);
  if (present === undefined) {
    const token = randomBytes(24).toString("base64url");
    const made = await api.post<{ integration: Link }>("/api/v1/integrations.create", { ...body, token });
    refuseBrokenScript(made.integration);
  } else if (!isAs(present, body)) {
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
    script: hashOf(present.script ?? ""),
  };
}

async function modeOf(api: Api, wanted: Meetings, present: Link): Promise<string> {
  const shownApart = { triggerWords: present.triggerWords ?? [], script: present.script ?? "" };
  if (!isAs(present, { ...webhook(wanted), ...shownApart })) {
    return present.enabled ? "link, whose webhook was changed" : "link, whose webhook is disabled";
  }
  if (!hasCommand(wanted.triggers)) return wanted.mode;
  const { value } = await api.get<{ value: boolean }>(unknownCommands);
  return value ? wanted.mode : "link, with Message_AllowUnrecognizedSlashCommand false";
}

function webhook(wanted: Meetings) {
  return {
    ...bodyOf(type, name, {
      enabled: true,
      channel: ["all_public_channels", "all_private_groups", "all_direct_messages"],
      username: "rocket.cat",
      alias: "Jitsi",
      emoji: ":video_camera:",
      script: linkScript(meetingsUrl(wanted)),
    }),
    event: "sendMessage" as const,
    triggerWords: wanted.triggers,
    triggerWordAnywhere: false,
    // Who asked is in the room for certain; in a private group or a conversation of two, nobody else may answer.
    impersonateUser: true,
    runOnEdits: false,
    // Rocket.Chat wants one. The script keeps it from being called; where scripts are turned off, nothing listens there.
    urls: ["http://127.0.0.1:9/"],
  };
}

function isAs(present: Link, { channel, ...body }: ReturnType<typeof webhook>): boolean {
  const kept = present as unknown as Record<string, unknown>;
  return (
    faultOf(present) === undefined &&
    isDeepStrictEqual(present.channel, channel.split(",")) &&
    Object.entries(body).every(([key, value]) => isDeepStrictEqual(kept[key] ?? emptyOf(value), value))
  );
}

function emptyOf(value: unknown): unknown {
  return typeof value === "string" ? "" : typeof value === "boolean" ? false : undefined;
}

/** As a message, that is: a client sends an unknown command only where the workspace allows it. */
async function allowUnknownCommands(api: Api, allowed: boolean): Promise<void> {
  const { value } = await api.get<{ value: boolean }>(unknownCommands);
  if (value !== allowed) await api.post(unknownCommands, { value: allowed });
}

function hasCommand(words: string[] | null | undefined): boolean {
  return words?.some((word) => word.startsWith("/")) ?? false;
}
