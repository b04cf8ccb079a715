import { ImageRef } from "../../settings/image";
import type { ContainerFacts } from "./facts";
import type { Plan } from "./plan";

/** A program as it is published, and other builds of it that are not kept. */
export interface Published {
  /** What the settings take without being told: `mongo`. */
  repository: string;
  /** The same images by other names. */
  mirrors: RegExp;
  /** The same program in images that this stack cannot run. */
  others: RegExp;
  /** Why those are not kept. */
  why: string;
}

/**
 * The image that the stack goes on with. The published one by its exact name: a tag that moves would upgrade by itself. Somebody's
 * own image is kept; where its tag moves, by the digest that it has now.
 * @returns what the setting `image` becomes: undefined for the default. Null where it was refused.
 */
export function keptImage(
  plan: Plan,
  container: ContainerFacts,
  version: string,
  published: Published,
): string | undefined | null {
  const standard = `${published.repository}:${version}`;
  const { repository, tag = "", digest: pinned, exact } = partsOf(container.image);
  // Docker goes by the digest alone, and the settings want the version's tag beside it.
  if (pinned !== undefined && (repository === published.repository || published.mirrors.test(repository)))
    return tag === version || tag.startsWith(`${version}-`) ? exact : `${repository}:${version}@${pinned}`;
  if (repository === published.repository || published.others.test(repository)) {
    const isTag = repository === published.repository && exact !== undefined;
    return isTag && exact !== standard ? exact : undefined;
  }
  if (exact !== undefined) return exact;
  if (published.mirrors.test(repository)) return `${repository}:${version}`;

  const digest = container.imageNames.find((name) => name.startsWith(`${repository}@sha256:`));
  const [, moving = "latest"] = /:([^:/@]+)(?:@.*)?$/.exec(container.image) ?? [];
  const found = digest === undefined ? undefined : partsOf(digest.replace("@", `:${moving}@`)).exact;
  if (found !== undefined) return found;
  const named = container.imageNames.map((name) => partsOf(name)).find((name) => name.exact !== undefined);
  if (named !== undefined && /^(sha256:)?[0-9a-f]{12,64}$/.test(container.image)) return named.exact;
  plan.refuse(
    undefined,
    `image ${container.image} of ${container.name}`,
    "it is not a published one, and its tag moves: what it means tomorrow is unknown",
    `give it an exact tag: docker tag ${container.image} ${ownName(repository)}:${version}, start ${container.name} with that image, and run this command again`,
  );
  return null;
}

export function isOtherBuild(image: string, { others }: Published): boolean {
  return others.test(partsOf(image).repository);
}

/** An image's number is no name. */
function ownName(repository: string): string {
  return /^(sha256|[0-9a-f]{12,64})$/.test(repository) ? "my/image" : repository;
}

interface Parts {
  repository: string;
  tag?: string | undefined;
  digest?: string | undefined;
  /** The image, where it is the same tomorrow. */
  exact?: string;
}

function partsOf(image: string): Parts {
  try {
    const { repository, tag, digest } = ImageRef.parse(image);
    return { repository, tag, digest, exact: image };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const [named = "", digest] = image.split("@");
    return { repository: named.replace(/:[^/]*$/, ""), digest };
  }
}

export const publishedChat: Published = {
  repository: "rocketchat/rocket.chat",
  mirrors: /(^|\/)rocketchat\/rocket\.chat$/,
  others: /^(docker\.io\/)?(library\/)?rocket\.chat$/,
  why: "the same version as Rocket.Chat itself builds it; Docker's image of it lacks what the health check needs",
};

export const publishedMongo: Published = {
  repository: "mongo",
  mirrors: /(^|\/)mongo$/,
  others: /(^|\/)(bitnami(legacy|secure)?\/mongodb|mongodb\/mongodb-(community|enterprise)-server)$/,
  why: "the same version in the image that this program knows; its mongod opens the same data",
};
