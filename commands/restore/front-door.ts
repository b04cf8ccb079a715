import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { dynamicDirectory } from "../../inventory/traefik";
import { doorOf } from "../status/door";
import { sealed } from "../../engine/hardening";
import { labelled, stackLabel } from "../../engine/labels";
import { projectRoot } from "../../terminal/paths";
import { OperatorError, say } from "../../terminal/steps";
import type { Site } from "./site";

const port = 8080;
const retrySeconds = 120;

/** The route's file; nothing where the front door takes its routes from labels, which go with the container. */
function routeFile({ settings: { ingress } }: Site): { directory: string; mode: string } | undefined {
  if (ingress.mode === "managed") return { directory: dynamicDirectory(ingress), mode: "0640" };
  if (ingress.render === "labels") return undefined;
  return { directory: ingress.dynamicDirectory, mode: "0644" };
}

/** The route as it is, to be given back by `open`. */
export async function readRoute(site: Site): Promise<string | undefined> {
  const file = routeFile(site);
  if (file === undefined) return undefined;
  const text = await site.host.script("scripts/host/read-file.sh", file.directory, {
    FILE: `${file.directory}/${site.chat}.yml`,
  });
  return text === "" ? undefined : text;
}

/** From now on a page answers instead of Rocket.Chat: 503, with the time to try again. */
export async function close(site: Site, route: string | undefined): Promise<void> {
  if (route === undefined) {
    say(
      "  the front door follows the container: it answers errors while Rocket.Chat is stopped, not a page that says why",
    );
    return;
  }
  const { host, maintenance, settings } = site;
  await host.try(["rm", "--force", maintenance]);
  await host.docker([
    "run",
    "--detach",
    "--init",
    `--name=${maintenance}`,
    labelled(stackLabel, settings.stack),
    `--network=${site.edgeNetwork}`,
    "--restart=always",
    ...sealed,
    "--memory=128m",
    "--pids-limit=64",
    "--log-opt=max-size=1m",
    `--env=PORT=${port}`,
    `--env=RETRY_SECONDS=${retrySeconds}`,
    "--entrypoint=node",
    settings.rocketchat.image,
    "-e",
    source("scripts/rocketchat/maintenance.js"),
  ]);
  await writeRoute(site, detour(route, `http://${maintenance}:${port}`));
  const closed = await host.node("scripts/rocketchat/closed.js", maintenance, gateVariables(site));
  if (closed.status !== 0)
    say("  the front door did not follow within 20 s; it answers errors while Rocket.Chat is stopped");
}

/** Leads requests to Rocket.Chat again; the front door follows within seconds. */
export async function open(site: Site, route: string | undefined): Promise<void> {
  if (route !== undefined) await writeRoute(site, route);
}

/** Not before the front door leads elsewhere: it would hold requests for a page that is gone, for minutes. */
export async function removePage({ host, maintenance }: Site): Promise<void> {
  await host.try(["rm", "--force", maintenance]);
}

/** @throws OperatorError when Rocket.Chat does not answer through the front door. */
export async function waitUntilAnswers(site: Site): Promise<void> {
  const answers = await site.host.node("scripts/rocketchat/gate.js", site.chat, gateVariables(site));
  if (answers.status !== 0) throw new OperatorError(answers.stderr.trim());
}

/** Host names that a route leads to. */
export function serversIn(route: string): string[] {
  const { http } = parse(route) as {
    http: { services: Record<string, { loadBalancer: { servers: { url: string }[] } }> };
  };
  return Object.values(http.services).flatMap(({ loadBalancer }) =>
    loadBalancer.servers.map(({ url }) => new URL(url).hostname),
  );
}

/** A route that leads all its requests elsewhere. */
export function detour(route: string, url: string): string {
  const [first = ""] = route.split("\n");
  const mark = first.startsWith("#") ? `${first}\n` : "";
  const tree = parse(route) as { http: { services: Record<string, unknown> } };
  for (const name of Object.keys(tree.http.services))
    tree.http.services[name] = { loadBalancer: { servers: [{ url }] } };
  return mark + stringify(tree);
}

async function writeRoute(site: Site, text: string): Promise<void> {
  const file = routeFile(site);
  if (file === undefined) return;
  await site.host.script(
    "scripts/host/write-file.sh",
    file.directory,
    { FILE: `${file.directory}/${site.chat}.yml`, MODE: file.mode },
    { input: text },
  );
}

/** The front door, as `scripts/rocketchat/gate.js` takes it. */
export function gateVariables({
  settings,
}: Site): Record<"GATE_ADDRESS" | "GATE_PORT" | "GATE_HOSTNAME", string> {
  const { address, port: httpsPort } = doorOf(settings);
  return { GATE_ADDRESS: address, GATE_PORT: String(httpsPort), GATE_HOSTNAME: settings.hostname };
}

function source(script: string): string {
  return readFileSync(join(projectRoot, script), "utf8");
}
