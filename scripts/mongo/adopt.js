// Prepares the data of a MongoDB that was started by hand: one member under the wanted name, and the user root. Runs in mongosh,
// against a mongod that asks for no login and that nobody else reaches; every part checks first.
//   REPLICA_SET, MEMBER (host:port)   what to make
//   standard input: {"rootPassword"}
/* global print, require, serverAt, until */
const { rootPassword } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { REPLICA_SET, MEMBER } = process.env;

const connection = serverAt("mongodb://127.0.0.1:27017/?directConnection=true");
const admin = connection.getDB("admin");
function canLogIn() {
  try {
    return (
      serverAt("mongodb://127.0.0.1:27017/?directConnection=true").getDB("admin").auth("root", rootPassword)
        .ok === 1
    );
  } catch (error) {
    if (error.codeName === "AuthenticationFailed") return false;
    throw error;
  }
}

/** Undefined where there is none yet. Right after its start mongod refuses to tell. */
function configOf() {
  try {
    return admin.adminCommand({ replSetGetConfig: 1 }).config;
  } catch (error) {
    if (error.codeName === "NotYetInitialized" && /no replset config has been received/.test(error.message))
      return undefined;
    throw error;
  }
}

const initiate = () =>
  admin.adminCommand({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host: MEMBER }] } });
until(`${REPLICA_SET} did not take the member ${MEMBER}`, () => {
  const config = configOf();
  if (config === undefined) return initiate();
  if (config.members[0].host === MEMBER) return true;
  config.members[0].host = MEMBER;
  config.version += 1;
  // By force, since a mongod that does not find itself under the old name never becomes primary.
  return admin.adminCommand({ replSetReconfig: config, force: true });
});
until(`${MEMBER} did not become primary`, () => admin.hello().isWritablePrimary);

if (admin.getUser("root") === null) {
  admin.createUser({ user: "root", pwd: rootPassword, roles: ["root"] });
} else if (!canLogIn()) {
  throw new Error(
    "mongo: has a user root with another password than root-password on the host; put the right one into that file",
  );
}
print(`${REPLICA_SET} has the member ${MEMBER}`);
