// Goes before every script that mongosh runs: see scripts/host/exec-script.sh.
/* global Mongo, sleep */

/**
 * A connection to a server that answers. mongosh gives up at once on one that refuses the connection, as mongod does while it
 * starts, whatever `serverSelectionTimeoutMS` says: so this asks again until the time is over. A refusal by the server itself,
 * such as a wrong password, is not repeated.
 * @param address A connection string: `mongodb://HOST/?…`. Its own `serverSelectionTimeoutMS` means nothing here.
 * @param seconds How long to ask. @default 120
 * @throws The last error.
 */
// eslint-disable-next-line no-unused-vars -- by the scripts that follow
function serverAt(address, seconds = 120) {
  const deadline = Date.now() + seconds * 1000;
  const plain = address.replace(/(?<=[?&])serverSelectionTimeoutMS=[^&]*(&|$)/gi, "").replace(/[?&]$/, "");
  for (;;) {
    try {
      const patience = Math.max(1000, Math.min(10000, deadline - Date.now()));
      const connection = new Mongo(
        `${plain}${plain.includes("?") ? "&" : "?"}serverSelectionTimeoutMS=${patience}`,
      );
      connection.getDB("admin").hello();
      return connection;
    } catch (error) {
      const isAway = /^Mongo(Network|NetworkTimeout|ServerSelection|NotConnected|TopologyClosed)/.test(
        error.name,
      );
      if (!isAway || Date.now() >= deadline) throw error;
    }
    sleep(200);
  }
}

/**
 * Asks until there is a true answer, also where the question fails.
 * @param what What did not happen, for the error.
 * @param attempt Throws an error with `final` set to end it at once.
 * @param where Where to look then. @default nowhere
 * @throws After two minutes.
 */
// eslint-disable-next-line no-unused-vars -- by the scripts that follow
function until(what, attempt, where = "") {
  const deadline = Date.now() + 120_000;
  for (;;) {
    let reason = "";
    try {
      const result = attempt();
      if (result) return result;
    } catch (error) {
      if (error.final) throw error;
      reason = ` (${error.message})`;
    }
    if (Date.now() > deadline) throw new Error(`mongo: ${what} within 2 minutes${reason}${where}`);
    sleep(500);
  }
}
