import type { Settings } from "../settings/schema";
import type { Image } from "./engine";
import type { Directory } from "./storage";
import { traefikUid } from "./traefik-ingress";

/** The directories of a whole service: each application's data belongs to the user that its image runs as. */
export function serviceDirectories(settings: Settings, images: { rocketchat: Image; mongo: Image }) {
  const { directory, ingress, mongo } = settings;
  return {
    uploads: { path: `${directory}/uploads`, owner: { image: images.rocketchat } },
    data: { path: `${directory}/data`, owner: { image: images.rocketchat } },
    mongo: { path: `${mongo.directory}/data`, owner: { image: images.mongo, user: "mongodb" } },
    acme: { path: `${ingress.directory}/acme`, owner: { uid: traefikUid } },
    dynamic: { path: `${ingress.directory}/dynamic`, owner: { uid: traefikUid } },
  } satisfies Record<string, Directory>;
}
