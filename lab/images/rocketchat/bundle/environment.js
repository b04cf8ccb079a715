import { waysOf } from "./ways.js";

/** A reason not to start: the process prints it and exits with 1. */
export class StartRefused extends Error {}

/** What the process takes from its environment, apart from settings and ADMIN_*. */
export function readEnvironment(env) {
  for (const name of ["MONGO_URL", "ROOT_URL"]) {
    if (!env[name]) throw new StartRefused(`${name}: must be set in the environment (got nothing)`);
  }
  return {
    mongoUrl: env.MONGO_URL,
    rootUrl: env.ROOT_URL.replace(/\/+$/, ""),
    port: Number(env.PORT ?? 3000),
    bindIp: env.BIND_IP || "0.0.0.0",
    /** How many proxies in front are believed about the client's address. */
    forwardedCount: Number(env.HTTP_FORWARDED_COUNT ?? 1),
    /** The event loop's 99th percentile from which on it may not be called alive or ready. */
    eventLoopLagMs: Number(env.EVENT_LOOP_LAG_MS || 70),
    allowOldMongo: env.BYPASS_MONGO_VALIDATION === "true",
    bootMs: Number(env.STANDIN_BOOT_MS ?? 1500),
    /** The version that it calls itself. @default its own */
    behavesLike: env.STANDIN_BEHAVES_LIKE || undefined,
    ways: waysOf(env.STANDIN_BEHAVES_LIKE),
    restricted: env.STANDIN_OFFLINE_UNLICENSED === "true",
  };
}
