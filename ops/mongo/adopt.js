// Prepares the data of a MongoDB that was started by hand: one member under the wanted name, and the user root. Runs in mongosh,
// against a mongod that asks for no login and that nobody else reaches; every part checks first.
//   REPLICA_SET, MEMBER (host:port)   what to make
//   standard input: {"rootPassword"}, or {} to leave the users alone
/* global Mongo, print, require, sleep */
const { rootPassword } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { REPLICA_SET, MEMBER } = process.env;
const deadline = Date.now() + 120_000;
const until = (what, attempt) => {
  for (;;) {
    let reason = "";
    try {
      const result = attempt();
      if (result) return result;
    } catch (error) {
      reason = ` (${error.message})`;
    }
    if (Date.now() > deadline) throw new Error(`mongo: ${what} within 2 minutes${reason}`);
    sleep(500);
  }
};

const connection = until("mongod did not answer", () => {
  const candidate = new Mongo(
    "mongodb://127.0.0.1:27017/?directConnection=true&serverSelectionTimeoutMS=2000",
  );
  candidate.getDB("admin").hello();
  return candidate;
});
const admin = connection.getDB("admin");
const primary = () => until(`${MEMBER} did not become primary`, () => admin.hello().isWritablePrimary);

function canLogIn() {
  try {
    return (
      new Mongo("mongodb://127.0.0.1:27017/?directConnection=true").getDB("admin").auth("root", rootPassword)
        .ok === 1
    );
  } catch (error) {
    if (error.codeName === "AuthenticationFailed") return false;
    throw error;
  }
}

// Right after its start mongod does not know its configuration yet.
const hello = until("mongod did not read its replica set", () => {
  const now = admin.hello();
  return now.setName !== undefined || /replSetInitiate/.test(now.info ?? "") || now.isreplicaset
    ? now
    : undefined;
});
if (hello.setName === undefined) {
  admin.adminCommand({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host: MEMBER }] } });
}
primary();
const { config } = admin.adminCommand({ replSetGetConfig: 1 });
if (config.members[0].host !== MEMBER) {
  config.members[0].host = MEMBER;
  config.version += 1;
  admin.adminCommand({ replSetReconfig: config, force: true });
  primary();
}

if (rootPassword !== undefined) {
  if (admin.getUser("root") === null) {
    admin.createUser({ user: "root", pwd: rootPassword, roles: ["root"] });
  } else if (!canLogIn()) {
    throw new Error(
      "mongo: has a user root with another password than root-password on the host; put the right one into that file",
    );
  }
}
print(`${REPLICA_SET} has the member ${MEMBER}`);
