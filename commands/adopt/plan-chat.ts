import { dataInside, uploadsInside } from "../../inventory/rocketchat";
import { ByteSize } from "../../settings/units";
import type { ContainerFacts, Facts } from "./facts";
import { isOtherBuild, keptImage, publishedChat } from "./kept-image";
import { mountOf, serverPath } from "./mounts";
import { inContainer, inDatabase, type Plan, type PlanOptions } from "./plan";
import { planAddress } from "./plan-address";
import { planOption } from "./plan-option";
import { linksLeadTo } from "./reach";
import { parseMongoUrl } from "./mongo-url";
import { planUploads } from "./plan-uploads";
import { planVariables } from "./plan-variables";

/** As `rocketchat.version` takes them. */
const [oldestMajor, newestMajor] = [7, 9];

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

const exactVersion = /^v?([0-9]+\.[0-9]+\.[0-9]+(?:-rc\.[0-9]+)?)$/;

function planVersion(plan: Plan, chat: ContainerFacts, options: PlanOptions): void {
  const tag = /:v?([0-9]+\.[0-9]+\.[0-9]+(?:-rc\.[0-9]+)?)(?:-(?!rc)[A-Za-z0-9_.-]+)?(?:@|$)/;
  const label = chat.imageLabels["org.opencontainers.image.version"];
  const [version] = [options.rocketchatVersion, tag.exec(chat.image)?.[1], label, chat.env["RC_VERSION"]]
    .map((text) => exactVersion.exec(text ?? "")?.[1])
    .filter((text) => text !== undefined);
  if (version === undefined)
    return plan.refuse(
      undefined,
      `image ${chat.image}`,
      "its version is neither in its tag, nor in its labels, nor in RC_VERSION",
      "read it in the administration (Workspace, Version) and give it: --rocketchat-version x.y.z",
    );
  const major = Number(version.split(".")[0]);
  if (major < oldestMajor || major > newestMajor)
    return plan.refuse(
      undefined,
      `Rocket.Chat ${version} of ${chat.name}`,
      `this program runs ${oldestMajor} to ${newestMajor}`,
      major < oldestMajor
        ? `upgrade it as it runs today, no major left out: start ${chat.name} anew as before with the newest rocketchat/rocket.chat:${major + 1}.y.z, wait until people can log in, and so on to ${oldestMajor}; then run this command again`
        : "take a newer release of this program",
    );
  plan.set("rocketchat.version", version, inContainer(chat.name));
  const image = keptImage(plan, chat, version, publishedChat);
  if (image === null) return;
  plan.set("rocketchat.image", image, inContainer(chat.name));
  const then = image ?? `rocketchat/rocket.chat:${version}`;
  if (then === chat.image) plan.kept.push(`Rocket.Chat ${version}, image ${then}`);
  else
    plan.changes.push({
      what: "Rocket.Chat's image",
      now: chat.image,
      then,
      why: isOtherBuild(chat.image, publishedChat)
        ? publishedChat.why
        : "the same version by its exact name; a tag that moves would upgrade by itself",
    });
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
  if (chat.networkMode === "host")
    plan.notices.push(`whoever opened http://HOST:${port} directly gets no answer any more`);
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
        `see who uses it, on the server: ss -tnp sport = :${host.split(":").at(-1)}`,
      );
    }
  }
}

function planAdmin(plan: Plan, { chat, database }: Facts): void {
  const [first] = database.chat.admins;
  if (first === undefined)
    return plan.refuse(
      undefined,
      `no administrator in the database ${parseMongoUrl(chat.env["MONGO_URL"]).database}`,
      "the new Rocket.Chat would make an account of its own",
      "see that MONGO_URL names the workspace's database; if it does, make one of your people an administrator (Workspace, Users), and run this command again",
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

function planRest(plan: Plan, { chat, mongo, database }: Facts): void {
  const starts = chat.command?.join(" ");
  if (starts !== undefined && !starts.includes("node main.js"))
    plan.refuse(
      "command:rocketchat",
      // Its words may hold passwords.
      `command of ${chat.name} (${chat.command![0] === undefined ? "none" : `${chat.command![0]} and ${chat.command!.length - 1} more words`})`,
      "this program starts node main.js",
      "start the container with its image's own command, and run this command again",
    );
  const places = [
    uploadsInside,
    dataInside,
    serverPath(chat, String(database.chat.settings["FileUpload_FileSystemPath"] ?? "")),
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
      `see what is in it: docker exec ${chat.name} ls -la ${mount.destination}`,
    );
  }
  for (const option of chat.special) {
    if (option === "Links" && linksLeadTo(chat, mongo)) continue;
    if (option === "ExtraHosts" && Object.keys(chat.extraHosts).join() === hostOf(chat)) continue;
    planOption(plan, option, chat.name);
  }
  if (linksLeadTo(chat, mongo))
    plan.dropped.push({
      what: `link of ${chat.name} to ${mongo.name}`,
      why: "both are on a network of this stack, where names lead to containers",
    });
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

function hostOf(chat: ContainerFacts): string {
  return parseMongoUrl(chat.env["MONGO_URL"]).host;
}
