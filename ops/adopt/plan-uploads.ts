import { posix } from "node:path";
import { standardUploads, uploadsInside } from "../../inventory/rocketchat";
import { uploadsSchema } from "../../settings/rocketchat";
import { ByteSize } from "../../settings/units";
import type { Facts, MountFacts } from "./facts";
import { hostPath, mountOf, moveOf, serverPath } from "./mounts";
import { inDatabase, type Plan, type PlanOptions } from "./plan";

/** Where the files lie that people sent, and custom emoji and sounds. */
export function planUploads(plan: Plan, { chat, database }: Facts, options: PlanOptions): void {
  const { settings, stores, emoji, sounds } = database.chat;
  const storage = String(settings["FileUpload_Storage_Type"] ?? "GridFS");
  const from = `FileUpload_Storage_Type, ${inDatabase}`;
  const foreign = Object.entries(stores).filter(([store]) => store !== "GridFS" && store !== "FileSystem");
  if (storage !== "GridFS" && storage !== "FileSystem")
    plan.refuse(
      undefined,
      `uploads in ${storage}`,
      whyNot("storage", storage),
      "leave this workspace as it is",
    );
  else plan.set("uploads.storage", storage, from);
  for (const [store, count] of foreign)
    plan.refuse(
      `store:${store}`,
      `${count} files in ${store}`,
      `${whyNot("storage", store)}; they stay reachable only while its own settings stay in the database`,
      "leave this workspace as it is",
    );

  const files = stores["FileSystem"] ?? 0;
  const path = serverPath(chat, String(settings["FileUpload_FileSystemPath"] ?? ""));
  const mount = mountOf(chat.mounts, path);
  if (files > 0 || (mount?.type === "bind" && storage === "FileSystem"))
    planDirectory(plan, standardUploads(options), path, mount, chat.name);
  if (files > 0)
    plan.kept.push(
      `${files} files in ${mount === undefined ? path : hostPath(mount, path)}, used where they are`,
    );
  if ((stores["GridFS"] ?? 0) > 0) plan.kept.push(`${stores["GridFS"]} files in GridFS, inside the database`);
  if (files > 0 && path !== uploadsInside)
    plan.changes.push({
      what: "uploads inside the container",
      now: path,
      then: uploadsInside,
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
    ["emojiStorage", "EmojiUpload", "custom-emoji", emoji],
    ["soundStorage", "CustomSounds", "custom-sounds", sounds],
  ] as const) {
    const store = String(settings[`${id}_Storage_Type`] ?? "GridFS");
    const label = name.replace("-", " ");
    if (store !== "GridFS" && store !== "FileSystem") {
      plan.refuse(
        undefined,
        `${label} in ${store}`,
        whyNot(key, store),
        `set ${id}_Storage_Type to GridFS in the administration, upload them there again, and run this command again`,
      );
      continue;
    }
    plan.set(`uploads.${key}`, store, `${id}_Storage_Type, ${inDatabase}`);
    if (count > 0) plan.kept.push(`${count} ${label} in ${store}`);
    if (count === 0 || store === "GridFS") continue;
    const inside = serverPath(chat, String(settings[`${id}_FileSystemPath`] ?? ""));
    const there = mountOf(chat.mounts, inside);
    const data = there?.type === "bind" ? posix.dirname(hostPath(there, inside)) : undefined;
    const other = plan.found.get("rocketchat.dataDirectory");
    if (data === undefined || posix.basename(hostPath(there!, inside)) !== name || (other ?? data) !== data)
      plan.refuse(
        undefined,
        `${count} ${label} in ${inside || "a place nobody set"}`,
        `they must be files in a directory of the host called ${name}, beside those of the other kind`,
        `on the server: mkdir -p ${options.directory}/files/${name} && docker cp -a ${chat.name}:${inside || "PATH"}/. ${options.directory}/files/${name}, start ${chat.name} anew as before with --volume ${options.directory}/files:/app/data and --env OVERWRITE_SETTING_${id}_FileSystemPath=/app/data/${name}, and run this command again`,
      );
    else {
      plan.used.add(there!);
      plan.found.set("rocketchat.dataDirectory", data);
    }
  }
}

/** Why an adoption leaves a store alone that is neither the database nor a directory. */
function whyNot(key: "storage" | "emojiStorage" | "soundStorage", store: string): string {
  return uploadsSchema.shape[key].safeParse(store).success
    ? `an adoption takes over no bucket and no keys, though uploads.${key} ${store} expresses this store`
    : "no setting expresses this store";
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
