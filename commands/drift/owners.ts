import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Docker, DockerFailed, isNoImage } from "../../engine/docker";
import { throwAway } from "../../engine/hardening";
import { stateDirectory } from "../../terminal/paths";
import type { ExpectedFile, Owner } from "./expected-files";

/** A user of an image, whom a file belongs to. */
type ImageUser = Exclude<Owner, string>;

/** A file of an answer for each image and user: an image's content never changes, so it is asked once. */
const keptOwners = join(stateDirectory, "owners");

/** Names whom a file belongs to, where an image says it. */
export function ownerKey({ image, user }: ImageUser): string {
  return `${user ?? ""}@${image}`;
}

/**
 * Who the users of images are that files belong to; nothing is said of those whose image is gone.
 * @param kept The directory of earlier answers.
 * @returns `uid:gid` by what `ownerKey` says
 * @throws DockerFailed
 */
export async function ownersOf(
  docker: Docker,
  files: Pick<ExpectedFile, "owner">[],
  kept = keptOwners,
): Promise<Map<string, string>> {
  const asked = new Map<string, ImageUser>();
  for (const { owner } of files)
    if (owner !== undefined && typeof owner !== "string") asked.set(ownerKey(owner), owner);
  const found = await Promise.all(
    [...asked].map(async ([key, { image, user }]): Promise<[string, string]> => {
      const id = await unlessGone(docker.run("image", "inspect", "--format", "{{.Id}}", image));
      if (id === "") return [key, ""];
      const file = join(kept, encodeURIComponent(`${id} ${user ?? ""}`));
      return [key, read(file) ?? keep(file, await askedOf(docker, id, user))];
    }),
  );
  return new Map(found.filter(([, ids]) => ids !== ""));
}

async function askedOf(docker: Docker, image: string, user: string | undefined): Promise<string> {
  const says = await unlessGone(
    docker.run(
      ...throwAway,
      "--pull=never",
      "--network=none",
      "--memory=128m",
      "--pids-limit=64",
      "--entrypoint=id",
      image,
      ...(user === undefined ? [] : [user]),
    ),
  );
  return /^uid=(\d+).* gid=(\d+)/.exec(says)?.slice(1).join(":") ?? "";
}

function unlessGone(answer: Promise<string>): Promise<string> {
  return answer.catch((error: unknown) => {
    if (error instanceof DockerFailed && isNoImage(error)) return "";
    throw error;
  });
}

/** Nothing where it was not kept, or not whole: then it is asked again. */
function read(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  return /^(\d+:\d+)\n$/.exec(readFileSync(file, "utf8"))?.[1];
}

function keep(file: string, ids: string): string {
  if (ids === "") return ids;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${ids}\n`);
  return ids;
}
