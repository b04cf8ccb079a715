import type { ManagedIngress } from "./ingress";
import type { ManagedMongo } from "./mongo";
import type { PlainSettings } from "./schema";

/** This stack's own MongoDB or Traefik. Where others run it, nothing about it is this stack's to check. */
export const ownMongo = ({ mongo }: PlainSettings): ManagedMongo | undefined =>
  mongo.mode === "managed" ? mongo : undefined;
export const ownTraefik = ({ ingress }: PlainSettings): ManagedIngress | undefined =>
  ingress.mode === "managed" ? ingress : undefined;
