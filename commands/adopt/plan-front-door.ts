import type { Facts } from "./facts";
import { Plan, type PlanOptions } from "./plan";

export function planFrontDoor(plan: Plan, { chat, mongo, taken }: Facts, options: PlanOptions): void {
  const httpsPort = plan.settings.find(({ key }) => key === "ingress.httpsPort")?.value ?? options.httpsPort;
  const ports = options.httpPort === undefined ? [] : [options.httpPort, Number(httpsPort)];
  for (const port of ports) {
    const who = taken.get(port);
    if (who === undefined || who === `the container ${chat.name}`) continue;
    plan.changes.push({
      what: `port ${port}`,
      now: `taken by ${who}`,
      then: "Traefik of this stack",
      why: "it is the front door; before npm run up stop what listens there, or set ingress.httpPort and ingress.httpsPort",
    });
    plan.notices.push(`what ${who} served on port ${port} is gone unless it gets another port`);
  }
  const labels = Object.keys(chat.labels).filter((label) => label.startsWith("traefik."));
  if (labels.length > 0)
    plan.dropped.push({
      what: `${labels.length} labels for a Traefik of yours`,
      why: "it stops leading to Rocket.Chat, and this stack's Traefik takes its place",
    });
  const compose = chat.labels["com.docker.compose.project.working_dir"];
  if (compose !== undefined)
    plan.notices.push(
      `docker compose up in ${compose} would start the old containers again: move compose.yml away once you are content`,
    );
  const neighbours = [chat, mongo]
    .flatMap(({ networks }) => networks)
    .filter(({ name }) => name !== "bridge")
    .flatMap(({ others }) => others)
    .filter((name) => name !== chat.name && name !== mongo.name);
  if (neighbours.length > 0)
    plan.notices.push(
      `${[...new Set(neighbours)].join(", ")}: no longer on a network with Rocket.Chat or MongoDB; what they did there they do through the front door`,
    );
}
