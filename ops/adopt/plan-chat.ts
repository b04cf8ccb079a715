import { posix } from "node:path";
import { ImageRef } from "../../settings/image";
import { ByteSize } from "../../settings/units";
import { parseComposeEnv } from "./compose-env";
import { understand, whyNot } from "./environment";
import type { ContainerFacts, Facts, MountFacts } from "./facts";
import { parseMongoUrl } from "./mongo-url";
import type { Plan, PlanOptions } from "./plan";

const inDatabase = "from the workspace's own settings, in its database";
const inContainer = (name: string) => `from the container ${name}`;

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

/** An image by its exact name that is not the default one, where this program knows what is in it. */
export function keptImage(
  image: string,
  version: string,
  known: (repository: string) => boolean,
): string | undefined {
  try {
    const { repository, tag } = ImageRef.parse(image);
    if (repository.startsWith("lab/")) return image;
    const isDefault =
      /^(mongo|rocketchat\/rocket\.chat)$/.test(repository) && tag === version && !image.includes("@");
    return known(repository) && !isDefault ? image : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
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

function planUploads(plan: Plan, { chat, database }: Facts, options: PlanOptions): void {
  const { settings, stores, emoji, sounds } = database.chat;
  const storage = String(settings["FileUpload_Storage_Type"] ?? "GridFS");
  const from = `FileUpload_Storage_Type, ${inDatabase}`;
  const foreign = Object.entries(stores).filter(([store]) => store !== "GridFS" && store !== "FileSystem");
  if (storage !== "GridFS" && storage !== "FileSystem")
    plan.refuse(
      undefined,
      `uploads in ${storage}`,
      "no setting expresses this store",
      "leave this workspace as it is",
    );
  else plan.set("uploads.storage", storage, from);
  for (const [store, count] of foreign)
    plan.refuse(
      `store:${store}`,
      `${count} files in ${store}`,
      "no setting expresses this store; they stay reachable only while its own settings stay in the database",
      "leave this workspace as it is",
    );

  const files = stores["FileSystem"] ?? 0;
  const path = String(settings["FileUpload_FileSystemPath"] ?? "");
  const mount = mountOf(chat.mounts, path);
  if (files > 0 || (mount?.type === "bind" && storage === "FileSystem"))
    planDirectory(
      plan,
      "uploads.directory",
      `${options.directory}/uploads`,
      "uploads",
      path,
      mount,
      chat.name,
    );
  if (files > 0)
    plan.kept.push(
      `${files} files in ${mount === undefined ? path : hostPath(mount, path)}, used where they are`,
    );
  if ((stores["GridFS"] ?? 0) > 0) plan.kept.push(`${stores["GridFS"]} files in GridFS, inside the database`);
  if (files > 0 && path !== "/app/uploads")
    plan.changes.push({
      what: "uploads inside the container",
      now: path,
      then: "/app/uploads",
      why: "the same directory under one name; Rocket.Chat remembers ids, no paths",
    });

  const size = Number(settings["FileUpload_MaxFileSize"] ?? 104857600);
  const limited = size < 0 ? 1024 ** 4 : Math.min(Math.max(size, 1024 ** 2), 1024 ** 4);
  plan.set("uploads.maxSize", ByteSize.bytes(limited).toString(), `FileUpload_MaxFileSize, ${inDatabase}`);
  if (limited !== size)
    plan.changes.push({
      what: "largest upload",
      now: size < 0 ? "unlimited" : `${size} B`,
      then: ByteSize.bytes(limited).toString(),
      why: "uploads.maxSize is at least 1 MiB and at most 1 TiB",
    });

  for (const [key, id, name, count] of [
    ["uploads.emojiStorage", "EmojiUpload", "custom-emoji", emoji],
    ["uploads.soundStorage", "CustomSounds", "custom-sounds", sounds],
  ] as const) {
    const store = String(settings[`${id}_Storage_Type`] ?? "GridFS");
    const label = name.replace("-", " ");
    if (store !== "GridFS" && store !== "FileSystem") {
      plan.refuse(
        undefined,
        `${label} in ${store}`,
        "no setting expresses this store",
        "leave this workspace as it is",
      );
      continue;
    }
    plan.set(key, store, `${id}_Storage_Type, ${inDatabase}`);
    if (count > 0) plan.kept.push(`${count} ${label} in ${store}`);
    if (count === 0 || store === "GridFS") continue;
    const inside = String(settings[`${id}_FileSystemPath`] ?? "");
    const there = mountOf(chat.mounts, inside);
    const data = there?.type === "bind" ? posix.dirname(hostPath(there, inside)) : undefined;
    const other = plan.settings.find((setting) => setting.key === "rocketchat.dataDirectory")?.value;
    if (data === undefined || posix.basename(hostPath(there!, inside)) !== name || (other ?? data) !== data)
      plan.refuse(
        undefined,
        `${count} ${label} in ${inside || "a place nobody set"}`,
        `they must be files in a directory of the host called ${name}, beside those of the other kind`,
        `move them to ${options.directory}/data/${name}, mount that directory, set ${id}_FileSystemPath to it, and restart`,
      );
    else {
      plan.used.add(there!);
      if (other === undefined && data !== `${options.directory}/data`)
        plan.set("rocketchat.dataDirectory", data, `${id}_FileSystemPath, ${inDatabase}`);
    }
  }
}

function planDirectory(
  plan: Plan,
  key: string,
  standard: string,
  what: string,
  path: string,
  mount: MountFacts | undefined,
  container: string,
): void {
  if (mount?.type === "bind") {
    const found = hostPath(mount, path);
    plan.used.add(mount);
    plan.set(key, found === standard ? undefined : found, `the mount of ${path}, ${inContainer(container)}`);
    return;
  }
  const where = mount === undefined ? `${container}'s own file system` : `the volume ${mount.volume ?? "?"}`;
  plan.refuse(
    undefined,
    `${what} in ${where}`,
    mount === undefined
      ? "they are removed with the container"
      : "without a container Docker calls a volume unused, and docker volume prune removes it",
    moveOf(standard, path || "/app/uploads", container),
  );
}

/** How data come out of a volume or a container's own file system into a directory of the host. */
export function moveOf(directory: string, path: string, container: string): string {
  return (
    `stop what writes there, mkdir -p ${directory} && docker cp -a ${container}:${path}/. ${directory}, ` +
    `start the container anew with --volume ${directory}:${path}, and run this command again`
  );
}

/** The mount that a path in the container lies on. */
export function mountOf(mounts: MountFacts[], path: string): MountFacts | undefined {
  return mounts
    .filter(({ destination }) => path === destination || path.startsWith(`${destination}/`))
    .sort((a, b) => b.destination.length - a.destination.length)[0];
}

export function hostPath(mount: MountFacts, path: string): string {
  return posix.join(mount.source, posix.relative(mount.destination, path)).replace(/\/$/, "");
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

function planVariables(plan: Plan, { chat, database, envFile }: Facts): void {
  for (const [name, value] of Object.entries(chat.env)) {
    const understood = understand(name, value, database.chat);
    if (understood !== undefined) plan.dropped.push({ what: `variable ${name}`, why: understood.why });
    else
      plan.refuse(
        `variable:${name}`,
        `variable ${name} of ${chat.name}`,
        whyNot(name),
        "start the container without it, and see whether you miss it",
      );
  }
  if (chat.env["BYPASS_MONGO_VALIDATION"] === "true")
    plan.set("rocketchat.bypassMongoValidation", true, inContainer(chat.name));

  const { database: name, login, options } = parseMongoUrl(chat.env["MONGO_URL"]);
  plan.set("mongo.database", name, `MONGO_URL, ${inContainer(chat.name)}`);
  planLogin(plan, name, login);
  const ordinary = [
    "replicaSet",
    "authSource",
    "retryWrites",
    "w",
    "directConnection",
    "authMechanism",
    "appName",
  ];
  for (const option of Object.keys(options).filter((key) => !ordinary.includes(key)))
    plan.refuse(
      `option:${option}`,
      `option ${option} in MONGO_URL`,
      "no setting expresses it",
      "leave it out",
    );

  const file = envFile === undefined ? new Map<string, string>() : parseComposeEnv(envFile);
  const token = chat.env["REG_TOKEN"] ?? file.get("REG_TOKEN");
  if (token !== undefined && token !== "") plan.secrets.registrationToken = token;
  if (envFile !== undefined)
    plan.changes.push({
      what: `.env (${file.size} variables)`,
      now: "yours",
      then: "written by this program; the copy keeps yours",
      why: "Rocket.Chat's new container reads it, and nothing else may",
    });
  for (const [variable, value] of file) {
    const running = chat.env[variable];
    if (running === undefined || running === value) continue;
    plan.changes.push({
      what: `${variable} in .env`,
      now: "not what the container runs with",
      then: "what the container runs with",
      why: ".env was changed after the container was started, and never took effect",
    });
  }
  const idle = [...file.keys()].filter((variable) => !(variable in chat.env));
  if (idle.length > 0)
    plan.dropped.push({
      what: `in .env only: ${idle.join(", ")}`,
      why: "Rocket.Chat's container does not have them",
    });
}

function planLogin(plan: Plan, database: string, login: ReturnType<typeof parseMongoUrl>["login"]): void {
  if (login === undefined) {
    plan.changes.push({
      what: "Rocket.Chat's login to MongoDB",
      now: "none",
      then: "a user of its own, with a generated password",
      why: "MongoDB asks for a login from now on",
    });
    return;
  }
  const usable = /^[A-Za-z][A-Za-z0-9_-]{0,37}$/.test(login.user) && login.user !== "root";
  const holds = /^[\x21-\x7e]+$/.test(login.password);
  if (usable && holds) {
    plan.set("mongo.user", login.user, "MONGO_URL, from Rocket.Chat's container");
    plan.secrets.mongoPassword = login.password;
    plan.kept.push(`MongoDB's user ${login.user} with its password`);
  }
  if (!usable || !holds || login.authSource !== database)
    plan.changes.push({
      what: "Rocket.Chat's login to MongoDB",
      now: `${login.user} of ${login.authSource}`,
      then: `${usable && holds ? login.user : "rocketchat"} of ${database}, which may read and write ${database} and nothing else`,
      why: "an application has a user of its own, in its own database; the old user stays",
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
