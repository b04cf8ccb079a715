/**
 * What Rocket.Chat's driver is told of a MongoDB that is cut off without a word: a link that is down, a host that is gone, a firewall
 * that drops. Nothing is reset then, and the kernel sends again at pauses that double: by itself a connection that waited a minute
 * may take another minute once the way is there.
 *
 * `connectTimeoutMS` 10 s in place of 30: how long an attempt to connect may take, so that the next one comes soon after the way is back; and,
 * with the 10 s between heartbeats, after how long a silent server counts as lost, 20 s in place of 40 (sdam/monitor of the Node driver).
 * Connections in use are ended then, and what ran over them runs again over a new one (`retryWrites`, and reads always).
 *
 * `serverSelectionTimeoutMS` 60 s in place of 30: what is asked meanwhile waits that long for the server and then fails. With the 20 s before,
 * a cut of a minute refuses nobody.
 *
 * `socketTimeoutMS` stays out on purpose: it ends any call that is silent for so long, and a migration, an index or a long query is. The
 * monitor above finds a lost server without it.
 */
export const mongoPatience = "connectTimeoutMS=10000&serverSelectionTimeoutMS=60000";

/**
 * Node's threads for what blocks: each look-up of a name takes one, of MongoDB's as well as of hosts that a server without internet asks
 * for at every `/api/info`, up to 5 s each, and so does each login's hash. The default is 4, which two such names fill.
 */
export const blockingThreads = "16";
