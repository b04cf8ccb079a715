import { got, type Problem, removeCommand } from "../problems";
import type { Reading } from "../read";
import { knownPermissions } from "./known-permissions";

/** To post under another name or with another picture than one's own (apps/meteor/app/lib/server/functions/sendMessage.ts). */
export const impersonation = "message-impersonate";

const alsoAs = ["alias", "avatar"] as const;

type Poster = { username: string } & Partial<Record<(typeof alsoAs)[number], string | undefined>>;

/**
 * Webhooks that would post under another name than their poster may. Rocket.Chat takes such a webhook: its answers never come, and
 * whoever asked reads "Not enough permission". Of an account that the settings do not name, the deployment asks the server.
 */
export function posterProblems({ values, readable }: Reading): Problem[] {
  const { incomingWebhooks = {}, outgoingWebhooks = {} } = values.workspace;
  const keys = ["workspace.bots", "workspace.permissions", "workspace.incomingWebhooks", "admin.username"];
  if (!readable(keys)) return [];
  const allowed = allowedRoles(values);
  const groups: Record<string, Record<string, Poster>> = { incomingWebhooks, outgoingWebhooks };
  return Object.entries(groups).flatMap(([group, webhooks]) =>
    Object.entries(webhooks).flatMap(([name, webhook]) => {
      const at = (key: string) => `workspace.${group}.${name}.${key}`;
      const key = alsoAs.find((one) => webhook[one] !== undefined && readable([at(one)]));
      if (key === undefined || !readable([at("username")])) return [];
      const roles = rolesOf(webhook.username, values);
      if (roles === undefined || roles.some((role) => allowed.includes(role))) return [];
      return [problem(at(key), webhook[key], webhook.username, allowed)];
    }),
  );
}

function problem(key: string, value: string | undefined, poster: string, allowed: string[]): Problem {
  const whose = allowed.length === 0 ? "which no role has" : `which the roles ${allowed.join(" and ")} have`;
  return {
    key,
    rule: `needs a poster with the permission ${impersonation}, ${whose} and ${poster} does not`,
    value: got(value),
    fix: `${removeCommand(key)}, or set username to rocket.cat or to one of workspace.bots`,
  };
}

/** By the settings; undefined for an account that they do not name. */
function rolesOf(username: string, { admin, workspace }: Reading["values"]): string[] | undefined {
  const incoming = Object.values(workspace.incomingWebhooks ?? {});
  // An incoming webhook gives its poster the role bot, an outgoing one does not.
  const made = incoming.some((webhook) => webhook.username === username) ? ["bot"] : [];
  if (username === "rocket.cat") return ["bot"];
  if (username === admin.username) return ["admin", ...made];
  const bot = Object.entries(workspace.bots ?? {}).find(([name]) => name === username)?.[1];
  if (bot !== undefined) return [...bot.roles, ...made];
  return made.length > 0 ? made : undefined;
}

function allowedRoles({ workspace }: Reading["values"]): string[] {
  const grants = workspace.permissions?.[impersonation] ?? {};
  const defaults = knownPermissions().get(impersonation) ?? [];
  const granted = Object.keys(grants).filter((role) => grants[role] === true);
  return [...new Set([...defaults.filter((role) => grants[role] !== false), ...granted])];
}
