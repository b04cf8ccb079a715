// Makes one mongod the only member of its replica set, with its users. Runs in mongosh; every part checks first, so that a
// repeat after an interruption finishes the work, also on a data directory that already holds a set.
//   REPLICA_SET, MEMBER (host:port), OPLOG_MIB   what to make
//   CONTAINER_ID   optional: not read; another one has a step run again
//   standard input: {"rootPassword","monitorPassword"}
/* global Double, print, require, serverAt, until */
const { rootPassword, monitorPassword } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { REPLICA_SET, MEMBER, OPLOG_MIB } = process.env;

/** A script of a deployment that was killed goes on in the container for a moment, beside the next one. */
const userExists = 51003;
const refuse = (message) => {
  throw Object.assign(new Error(message), { final: true });
};

const connection = serverAt("mongodb://127.0.0.1:27017/?directConnection=true");
const admin = connection.getDB("admin");
const login = () => {
  try {
    return admin.auth("root", rootPassword).ok === 1;
  } catch (error) {
    if (error.codeName === "AuthenticationFailed") return false;
    throw error;
  }
};

// While there is no user, localhost may initiate the set and make the first one.
let loggedIn = login();
const hello = admin.hello();
if (hello.setName === undefined) {
  try {
    admin.adminCommand({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host: MEMBER }] } });
  } catch (error) {
    if (error.codeName !== "AlreadyInitialized")
      refuse(`mongo: the set ${REPLICA_SET} could not be initiated (${error.message})`);
  }
}
const becomePrimary = () => {
  const now = admin.hello();
  if (now.setName !== undefined && now.setName !== REPLICA_SET) {
    refuse(
      `mongo.replicaSet: the data directory holds the set ${now.setName} (got ${REPLICA_SET}); set mongo.replicaSet to ${now.setName}`,
    );
  }
  if (now.hosts !== undefined && !now.hosts.includes(MEMBER)) {
    refuse(
      `mongo.hostname: the set has the members ${now.hosts.join(", ")} (got ${MEMBER}); set mongo.hostname back to its old value`,
    );
  }
  return now.isWritablePrimary;
};
until(
  `${MEMBER} did not become primary of ${REPLICA_SET}`,
  becomePrimary,
  `; look at its log: docker logs ${MEMBER.split(":")[0]}`,
);

if (!loggedIn) {
  loggedIn = login();
}
if (!loggedIn) {
  try {
    admin.createUser({ user: "root", pwd: rootPassword, roles: ["root"] });
  } catch (error) {
    // Perhaps by the same script of a deployment that was killed, a moment ago.
    if (!login())
      refuse(
        `mongo: the data directory has a user root with another password than root-password on the host (${error.codeName}); put the old value back into that file`,
      );
  }
  login();
}

const monitor = {
  pwd: monitorPassword,
  roles: [
    { role: "clusterMonitor", db: "admin" },
    { role: "read", db: "local" },
  ],
};
try {
  if (!admin.getUser("monitor")) admin.createUser({ user: "monitor", ...monitor });
} catch (error) {
  if (error.code !== userExists) throw error;
}
admin.updateUser("monitor", monitor);

const oplog = connection.getDB("local").getCollection("oplog.rs").stats();
if (oplog.maxSize !== Number(OPLOG_MIB) * 1024 * 1024) {
  admin.adminCommand({ replSetResizeOplog: 1, size: Double(Number(OPLOG_MIB)) });
}
print(`${REPLICA_SET} has the primary ${MEMBER}`);
