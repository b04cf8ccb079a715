import { posix } from "node:path";
import { standardUploads, uploadsInside } from "../../inventory/rocketchat";
import { uploadsSchema } from "../../settings/rocketchat";
import { ByteSize } from "../../settings/units";
import type { ChatFacts, ContainerFacts, Facts, MountFacts } from "./facts";
import { hostPath, mountOf, moveOf, serverPath } from "./mounts";
import { inDatabase, type Plan, type PlanOptions } from "./plan";

const stores = ["GridFS", "FileSystem"];

/** Where the files lie that people sent, and custom emoji and sounds. */
export function planUploads(plan: Plan, { chat, database }: Facts, options: PlanOptions): void {
  const found = database.chat;
  planStore(plan, found);
  planFiles(plan, found, chat, standardUploads(options));
  planSize(plan, found);
  for (const kind of kinds) planKind(plan, kind, found, chat, options.directory);
}

function storageOf({ settings }: ChatFacts): string {
  return String(settings["FileUpload_Storage_Type"] ?? "GridFS");
}

function planStore(plan: Plan, found: ChatFacts): void {
  const storage = storageOf(found);
  if (stores.includes(storage))
    plan.set("uploads.storage", storage, `FileUpload_Storage_Type, ${inDatabase}`);
  else
    plan.refuse(
      undefined,
      `uploads in ${storage}`,
      whyNot("storage", storage),
      "leave this workspace as it is",
    );
  for (const [store, count] of Object.entries(found.stores)) {
    if (stores.includes(store)) continue;
    plan.refuse(
      `store:${store}`,
      `${count} files in ${store}`,
      `${whyNot("storage", store)}; they stay reachable only while its own settings stay in the database`,
      "leave this workspace as it is",
    );
  }
}

function planFiles(plan: Plan, found: ChatFacts, chat: ContainerFacts, standard: string): void {
  const { GridFS: inside = 0, FileSystem: files = 0 } = found.stores;
  const path = serverPath(chat, String(found.settings["FileUpload_FileSystemPath"] ?? ""));
  const mount = mountOf(chat.mounts, path);
  if (files > 0 || (mount?.type === "bind" && storageOf(found) === "FileSystem"))
    planDirectory(plan, standard, path, mount, chat.name);
  if (files > 0)
    plan.kept.push(
      `${files} files in ${mount === undefined ? path : hostPath(mount, path)}, used where they are`,
    );
  if (inside > 0) plan.kept.push(`${inside} files in GridFS, inside the database`);
  if (files > 0 && path !== uploadsInside)
    plan.changes.push({
      what: "uploads inside the container",
      now: path,
      then: uploadsInside,
      why: "the same directory under one name; Rocket.Chat remembers ids, no paths",
    });
}

function planDirectory(
  plan: Plan,
  standard: string,
  path: string,
  mount: MountFacts | undefined,
  container: string,
): void {
  if (mount?.type === "bind") {
    plan.used.add(mount);
    plan.found.set("uploads.directory", hostPath(mount, path));
    return;
  }
  const where = mount === undefined ? `${container}'s own file system` : `the volume ${mount.volume ?? "?"}`;
  plan.refuse(
    undefined,
    `uploads in ${where}`,
    mount === undefined
      ? "they are removed with the container"
      : "without a container Docker calls a volume unused, and docker volume prune removes it",
    moveOf(standard, path || uploadsInside, container),
  );
}

function planSize(plan: Plan, { settings }: ChatFacts): void {
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
}

/** What else people may upload: the key that says where it goes, its settings in Rocket.Chat, and its directory below `data`. */
interface Kind {
  key: "emojiStorage" | "soundStorage";
  id: string;
  name: string;
  count: (found: ChatFacts) => number;
}

const kinds: Kind[] = [
  { key: "emojiStorage", id: "EmojiUpload", name: "custom-emoji", count: ({ emoji }) => emoji },
  { key: "soundStorage", id: "CustomSounds", name: "custom-sounds", count: ({ sounds }) => sounds },
];

function planKind(plan: Plan, kind: Kind, found: ChatFacts, chat: ContainerFacts, directory: string): void {
  const { key, id, name } = kind;
  const count = kind.count(found);
  const store = String(found.settings[`${id}_Storage_Type`] ?? "GridFS");
  const label = name.replace("-", " ");
  if (!stores.includes(store)) {
    plan.refuse(
      undefined,
      `${label} in ${store}`,
      whyNot(key, store),
      `set ${id}_Storage_Type to GridFS in the administration, upload them there again, and run this command again`,
    );
    return;
  }
  plan.set(`uploads.${key}`, store, `${id}_Storage_Type, ${inDatabase}`);
  if (count > 0) plan.kept.push(`${count} ${label} in ${store}`);
  if (count > 0 && store === "FileSystem") planKindDirectory(plan, kind, found, chat, directory);
}

/** Both kinds lie in directories of these names in one directory of the host. */
function planKindDirectory(
  plan: Plan,
  { id, name, count }: Kind,
  found: ChatFacts,
  chat: ContainerFacts,
  directory: string,
): void {
  const inside = serverPath(chat, String(found.settings[`${id}_FileSystemPath`] ?? ""));
  const mount = mountOf(chat.mounts, inside);
  const there = mount?.type === "bind" ? hostPath(mount, inside) : "";
  const data = posix.dirname(there);
  const other = plan.found.get("rocketchat.dataDirectory") ?? data;
  if (mount !== undefined && posix.basename(there) === name && data === other) {
    plan.used.add(mount);
    plan.found.set("rocketchat.dataDirectory", data);
    return;
  }
  plan.refuse(
    undefined,
    `${count(found)} ${name.replace("-", " ")} in ${inside || "a place nobody set"}`,
    `they must be files in a directory of the host called ${name}, beside those of the other kind`,
    `on the server: mkdir -p ${directory}/files/${name} && docker cp -a ${chat.name}:${inside || "PATH"}/. ${directory}/files/${name}, start ${chat.name} anew as before with --volume ${directory}/files:/app/data and --env OVERWRITE_SETTING_${id}_FileSystemPath=/app/data/${name}, and run this command again`,
  );
}

/** Why an adoption leaves a store alone that is neither the database nor a directory. */
function whyNot(key: "storage" | "emojiStorage" | "soundStorage", store: string): string {
  return uploadsSchema.shape[key].safeParse(store).success
    ? `an adoption takes over no bucket and no keys, though uploads.${key} ${store} expresses this store`
    : "no setting expresses this store";
}
