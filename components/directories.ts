import type { Settings } from "../settings/schema";
import type { Image } from "./engine";
import type { Directory } from "./storage";
import { traefikUid } from "./traefik-ingress";

/** The directories of a whole service: each application's data belongs to the user that its image runs as. */
export function serviceDirectories(settings: Settings, images: { rocketchat: Image; mongo: Image }) {
  const { ingress, mongo, rocketchat, uploads } = settings;
  return {
    uploads: { path: uploads.directory, owner: { image: images.rocketchat } },
    data: { path: rocketchat.dataDirectory, owner: { image: images.rocketchat } },
    mongo: { path: mongo.dataDirectory, owner: { image: images.mongo, user: "mongodb" } },
    acme: { path: `${ingress.directory}/acme`, owner: { uid: traefikUid } },
    dynamic: { path: `${ingress.directory}/dynamic`, owner: { uid: traefikUid } },
  } satisfies Record<string, Directory>;
}
