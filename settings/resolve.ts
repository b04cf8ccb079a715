import type { Settings, Values } from "./schema";

/** All but the secrets, which only Pulumi can hand out as such. */
export type PlainSettings = Omit<Settings, "secrets">;

/** Fills in the defaults that depend on other keys. */
export function resolve(stack: string, values: Values): PlainSettings {
  const { admin, ingress, jitsi, mongo, prefix, rocketchat, uploads } = values;
  const directory = values.directory ?? `/opt/${prefix}rocketchat`;
  const mongoDirectory = mongo.directory ?? `/opt/${prefix}mongodb-shared`;
  const { email, ...adminRest } = admin;
  const { email: acmeEmail, caFile, ...acmeRest } = ingress.acme;
  return {
    stack,
    engine: values.engine,
    hostname: values.hostname,
    url: `https://${values.hostname}${ingress.httpsPort === 443 ? "" : `:${ingress.httpsPort}`}`,
    prefix,
    directory,
    helperImage: values.helperImage,
    rocketchat: {
      ...rocketchat,
      image: rocketchat.image ?? `rocketchat/rocket.chat:${rocketchat.version}`,
      dataDirectory: rocketchat.dataDirectory ?? `${directory}/data`,
    },
    admin: { ...adminRest, ...(email !== undefined && { email }) },
    mongo: {
      ...mongo,
      hostname: mongo.hostname ?? `${prefix}mongodb-shared`,
      image: mongo.image ?? `mongo:${mongo.version}`,
      directory: mongoDirectory,
      dataDirectory: mongo.dataDirectory ?? `${mongoDirectory}/data`,
    },
    ingress: {
      ...ingress,
      image: ingress.image ?? `traefik:v${ingress.version}`,
      directory: ingress.directory ?? `/opt/${prefix}traefik`,
      acme: {
        ...acmeRest,
        ...(acmeEmail !== undefined && { email: acmeEmail }),
        ...(caFile !== undefined && { caFile }),
      },
    },
    ...(jitsi !== undefined && { jitsi }),
    uploads: { ...uploads, directory: uploads.directory ?? `${directory}/uploads` },
    resources: values.resources,
  };
}
