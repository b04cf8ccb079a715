import { got, type Problem } from "../problems";
import type { Reading } from "../read";
import { resolveBots } from "./bots";

/**
 * Bots whose e-mail address Rocket.Chat would refuse (`error-invalid-domain`): it looks for the domain, as it is written, among those
 * that are allowed and those that are blocked (apps/meteor/app/lib/server/lib/validateEmailDomain.js).
 */
export function botAddressProblems({ values, readable }: Reading): Problem[] {
  const { hostname, workspace } = values;
  const blocks = "workspace.settings.Accounts_BlockedDomainsList";
  const allowed = readable(["workspace.registration.allowedDomains"])
    ? workspace.registration.allowedDomains
    : undefined;
  const blocked = readable([blocks]) ? domains(workspace.settings?.["Accounts_BlockedDomainsList"]) : [];
  if (!readable(["hostname"])) return [];
  return Object.entries(resolveBots(workspace.bots, hostname)).flatMap(([username, { email }]) => {
    const key = `workspace.bots.${username}.email`;
    const domain = email.slice(email.lastIndexOf("@") + 1);
    const fix = (of: string) => `set ${key} to an address under another domain, or change ${of}`;
    if (!readable([key])) return [];
    if (blocked.includes(domain)) {
      const rule = `must not be under a domain of ${blocks}`;
      return [{ key, rule, value: got(email), fix: fix(blocks) }];
    }
    if (allowed === undefined || allowed.includes(domain)) return [];
    const rule = `must be under one of workspace.registration.allowedDomains, ${allowed.join(" or ")}`;
    const example = `${username.toLowerCase()}@${allowed[0] ?? domain}`;
    const way = `set ${key} to ${example} for instance, or add ${domain} to workspace.registration.allowedDomains`;
    return [{ key, rule, value: got(email), fix: way }];
  });
}

function domains(list: unknown): string[] {
  return typeof list === "string" ? list.split(",").map((domain) => domain.trim()) : [];
}
