import { ImageRef } from "../../settings/image";

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
