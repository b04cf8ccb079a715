import { isHostname } from "../../settings/names";
import type { Facts } from "./facts";
import { inContainer, inDatabase, type Plan, type PlanOptions } from "./plan";

/** The address that people type, which becomes `https://HOSTNAME`. */
export function planAddress(plan: Plan, { chat, database }: Facts, options: PlanOptions): void {
  const inside = database.chat.settings["Site_Url"];
  const siteUrl = String(inside ?? chat.env["ROOT_URL"] ?? "");
  const from = inside === undefined ? `ROOT_URL, ${inContainer(chat.name)}` : `Site_Url, ${inDatabase}`;
  const url = URL.canParse(siteUrl) ? new URL(siteUrl) : undefined;
  const own = url?.pathname === "/" ? url.hostname.replace(/\.$/, "") : "";
  const chosen = options.hostname ?? own;
  if (!isHostname(chosen)) return refuseAddress(plan, siteUrl, url, options.hostname);

  const isOwn = chosen === own;
  plan.set("hostname", chosen, options.hostname === undefined ? from : "given with --hostname");
  const ownPort = isOwn && url?.protocol === "https:" && url.port !== "" ? Number(url.port) : undefined;
  if (ownPort !== undefined) plan.set("ingress.httpsPort", ownPort, from);
  const port = ownPort ?? options.httpsPort;
  const then = `https://${chosen}${port === 443 ? "" : `:${port}`}`;
  if (siteUrl.replace(/\/$/, "") === then) {
    plan.kept.push(`the address ${then}`);
  } else {
    plan.changes.push({
      what: "address (Site_Url)",
      now: siteUrl || "none",
      then,
      why: "the front door speaks HTTPS under one host name",
    });
    plan.notices.push(
      `the address is ${then}: browsers, apps and webhooks that use ${siteUrl || "another one"} must be given it`,
    );
  }
  plan.notices.push(
    "the certificate is a new one, from the CA in ingress.acme; plain HTTP is answered with a redirect",
    "WebSockets are cut once and reconnect; the chat is away from the hand-over until the new one answers (minutes, see docs/adopt.md)",
  );
}

function refuseAddress(plan: Plan, siteUrl: string, url: URL | undefined, given: string | undefined): void {
  const why =
    given !== undefined
      ? "a host name is lower-case and dotted, of letters, digits and hyphens"
      : url !== undefined && url.pathname !== "/"
        ? "this program serves a workspace at the root of a host name"
        : "this program serves a workspace under a host name that the DNS knows, of letters, digits and hyphens";
  plan.refuse(
    undefined,
    `address ${given ?? (siteUrl || "(none)")}`,
    why,
    "let a name of its own lead to this server (an A or AAAA record), and give it: --hostname chat.example.org",
  );
}
