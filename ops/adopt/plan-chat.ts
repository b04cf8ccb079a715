import { ByteSize } from "../../settings/units";
import type { ContainerFacts, Facts } from "./facts";
import { keptImage } from "./kept-image";
import { mountOf } from "./mounts";
import { inContainer, inDatabase, type Plan, type PlanOptions } from "./plan";
import { planUploads } from "./plan-uploads";
import { planVariables } from "./plan-variables";

export function planChat(plan: Plan, facts: Facts, options: PlanOptions): void {
  const { chat } = facts;
  planVersion(plan, chat, options);
  planAddress(plan, facts, options);
  planPort(plan, chat);
  planUploads(plan, facts, options);
  planAdmin(plan, facts);
  planVariables(plan, facts);
  planRest(plan, facts);
}

function planVersion(plan: Plan, chat: ContainerFacts, options: PlanOptions): void {
  const tag = /:v?([0-9]+\.[0-9]+\.[0-9]+(-rc\.[0-9]+)?)(@|$)/.exec(chat.image)?.[1];
  const label = chat.imageLabels["org.opencontainers.image.version"];
  const version = options.rocketchatVersion ?? tag ?? label ?? chat.env["RC_VERSION"];
  if (version === undefined)
    return plan.refuse(
      undefined,
      `image ${chat.image}`,
      "its version is neither in its tag nor in its labels",
      "read it in the administration (Workspace, Version) and give it: --rocketchat-version x.y.z",
    );
  plan.set("rocketchat.version", version, inContainer(chat.name));
  const image = keptImage(chat.image, version, (repository) =>
    /(^|\/)rocketchat\/rocket\.chat$/.test(repository),
  );
  plan.set("rocketchat.image", image, inContainer(chat.name));
  const then = image ?? `rocketchat/rocket.chat:${version}`;
  if (then === chat.image) plan.kept.push(`Rocket.Chat ${version}, image ${then}`);
  else
    plan.changes.push({
      what: "Rocket.Chat's image",
      now: chat.image,
      then,
      why: "the same version by its exact name; a tag that moves would upgrade by itself",
    });
}

function planAddress(plan: Plan, { chat, database }: Facts, options: PlanOptions): void {
  const siteUrl = String(database.chat.settings["Site_Url"] ?? chat.env["ROOT_URL"] ?? "");
  const url = URL.canParse(siteUrl) ? new URL(siteUrl) : undefined;
  const hostname = options.hostname ?? url?.hostname;
  if (hostname === undefined || hostname === "" || (url !== undefined && url.pathname !== "/")) {
    return plan.refuse(
      undefined,
      `address ${siteUrl || "(none)"}`,
      "this program serves a workspace at the root of a host name",
      "set Site_Url to https://HOST in the administration first",
    );
  }
  plan.set(
    "hostname",
    hostname,
    options.hostname === undefined ? `Site_Url, ${inDatabase}` : "given with --hostname",
  );
  if (url?.protocol === "https:" && url.port !== "")
    plan.set("ingress.httpsPort", Number(url.port), `Site_Url, ${inDatabase}`);
  const port = url?.protocol === "https:" && url.port !== "" ? Number(url.port) : options.httpsPort;
  const then = `https://${hostname}${port === 443 ? "" : `:${port}`}`;
  if (siteUrl.replace(/\/$/, "") === then) {
    plan.kept.push(`the address ${then}`);
  } else {
    plan.changes.push({
      what: "address (Site_Url)",
      now: siteUrl,
      then,
      why: "the front door speaks HTTPS under one host name",
    });
    plan.notices.push(
      `the address is ${then}: browsers, apps and webhooks that use ${siteUrl} must be given it`,
    );
  }
  plan.notices.push(
    "the certificate is a new one, from the CA in ingress.acme; plain HTTP is answered with a redirect",
    "WebSockets are cut once and reconnect; the chat is away from the hand-over until the new one answers (minutes, see docs/adopt.md)",
  );
}

function planPort(plan: Plan, chat: ContainerFacts): void {
  const port = Number(chat.env["PORT"] ?? "3000");
  if (Number.isInteger(port) && port >= 1024 && port <= 65535)
    plan.set("rocketchat.port", port, `PORT, ${inContainer(chat.name)}`);
  else
    plan.changes.push({
      what: "port inside the container",
      now: String(chat.env["PORT"]),
      then: "3000",
      why: "it runs without the right to listen below 1024; nobody sees this port",
    });
  for (const { container, protocol, host } of chat.ports) {
    if (container === port) {
      plan.changes.push({
        what: "published port",
        now: `${host} leads to Rocket.Chat`,
        then: "not published",
        why: "the front door is the only way in; a proxy of yours that leads there must lead to it or go",
      });
      plan.notices.push(
        `whoever opened http://HOST:${host.split(":").at(-1)} directly gets no answer any more`,
      );
    } else {
      plan.refuse(
        `port:${container}`,
        `port ${container}/${protocol} of ${chat.name}, published on ${host}`,
        "this program publishes the front door only",
        "see who uses it",
      );
    }
  }
}

function planAdmin(plan: Plan, { database }: Facts): void {
  const [first] = database.chat.admins;
  if (first === undefined)
    return plan.refuse(
      undefined,
      "a workspace without an administrator",
      "the new one would make an account of its own",
      "make one of your people an administrator first",
    );
  const name = first.username ?? "";
  if (/^[0-9a-zA-Z_.-]{1,64}$/.test(name))
    plan.set("admin.username", name, `the oldest administrator, ${inDatabase}`);
  plan.kept.push(
    `${database.chat.admins.length} administrator(s) with their passwords: ${database.chat.admins.map(({ username }) => username).join(", ")}`,
  );
  plan.changes.push({
    what: "admin-password on the host",
    now: "there is none",
    then: "a text that says UNCHANGED, with a random end",
    why: "your administrator's password is not known here and is not changed; Rocket.Chat ignores this file while there is one",
  });
}

function planRest(plan: Plan, { chat, database }: Facts): void {
  const starts = chat.command?.join(" ");
  if (starts !== undefined && !starts.includes("node main.js"))
    plan.refuse(
      "command:rocketchat",
      `command of ${chat.name}: ${starts || "(empty)"}`,
      "this program starts node main.js",
      "start the container with its image's own command",
    );
  const places = [
    "/app/uploads",
    "/app/data",
    String(database.chat.settings["FileUpload_FileSystemPath"] ?? ""),
  ];
  const standard = places.map((path) => mountOf(chat.mounts, path));
  for (const mount of chat.mounts) {
    if (plan.used.has(mount) || mount.type === "tmpfs") continue;
    if (standard.includes(mount)) {
      plan.dropped.push({
        what: `mount of ${mount.destination}`,
        why: "no file that Rocket.Chat knows of lies in it; it is left as it is",
      });
      continue;
    }
    plan.refuse(
      `mount:${mount.destination}`,
      `mount ${mount.source} at ${mount.destination} of ${chat.name}`,
      "no setting expresses it",
      "see what is in it",
    );
  }
  for (const option of chat.special)
    plan.refuse(
      `option:${option}`,
      `${option} of ${chat.name}`,
      "the new container has no such option",
      "see what it is for (docker inspect)",
    );
  const memory = ByteSize.bytes(2 * 1024 ** 3);
  if (chat.memory > memory.toBytes())
    plan.set("resources.rocketchat.memory", ByteSize.bytes(chat.memory).toString(), inContainer(chat.name));
  else if (chat.memory !== memory.toBytes())
    plan.changes.push({
      what: "Rocket.Chat's memory",
      now: chat.memory === 0 ? "unlimited" : ByteSize.bytes(chat.memory).toString(),
      then: memory.toString(),
      why: "every container has a limit: resources.rocketchat.memory",
    });
}
