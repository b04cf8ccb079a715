import ConnectionString from "mongodb-connection-string-url";
import { OperatorError } from "../../terminal/steps";
import type { Login } from "./facts";

/** What `MONGO_URL` says, as MongoDB's driver reads it. */
export interface MongoUrl {
  /** In lower case: names have none. */
  host: string;
  port: number;
  database: string;
  login: Login | undefined;
  /** By their names in lower case, in which the driver takes them too. */
  options: Record<string, string>;
  /** Those names as they are written. */
  spelled: Record<string, string>;
}

/** What the driver takes where the connection string names no database. */
const defaultDatabase = "test";

/** @throws OperatorError that names what it cannot be and the way out, and shows no part of it: it may be one of the password. */
export function parseMongoUrl(text: string | undefined): MongoUrl {
  const refuse = (rule: string, got: string, fix: string) =>
    new OperatorError(`MONGO_URL: ${rule} (got ${got}); ${fix}`);
  if (text === undefined || text === "")
    throw refuse(
      "must be a variable of the container or of its image",
      "none",
      "start Rocket.Chat with the one it uses: --env MONGO_URL=mongodb://HOST:27017/DATABASE?replicaSet=rs0",
    );
  const { url, fault } = read(text);
  if (fault !== undefined)
    throw refuse(
      "must be a connection string that MongoDB's driver reads",
      `${text.length} characters that are not one`,
      `${fault}, start Rocket.Chat with it, and run this command again`,
    );
  if (url.isSRV)
    throw refuse(
      "must lead to a MongoDB in a container on this engine",
      "mongodb+srv://, a cluster that is found by DNS",
      "bring its data here first (mongodump there, mongorestore into a MongoDB that was started with --replSet rs0 on this engine), start Rocket.Chat with that MONGO_URL, and run this command again",
    );
  if (url.hosts.length !== 1)
    throw refuse(
      "must name one server",
      `${url.hosts.length} of them`,
      'this program runs a set of one member: take the others out (rs.remove("HOST:27017") in mongosh on the primary), start Rocket.Chat with the one that is left, and run this command again',
    );
  const [, host = "", port = "27017"] = hostPattern.exec(url.hosts[0]!)!;
  const options = Object.fromEntries(
    [...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]),
  );
  const path = decodeURIComponent(url.pathname.slice(1));
  const user = decodeURIComponent(url.username);
  return {
    host: host.toLowerCase(),
    port: Number(port),
    database: path === "" ? defaultDatabase : path,
    login:
      user === ""
        ? undefined
        : {
            user,
            password: decodeURIComponent(url.password),
            authSource: options["authsource"] ?? (path === "" ? "admin" : path),
          },
    options,
    spelled: Object.fromEntries([...url.searchParams.keys()].map((name) => [name.toLowerCase(), name])),
  };
}

const hostPattern = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?$/;

/** The driver's own reading, or what to change. Its messages are left out: they may quote the string. */
function read(
  text: string,
): { url: ConnectionString; fault?: undefined } | { url?: undefined; fault: string } {
  const percent = { fault: "write each % in it that begins no escape as %25" };
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return percent;
  let url: ConnectionString;
  try {
    url = new ConnectionString(text);
    [url.pathname, url.username, url.password].forEach(decodeURIComponent);
  } catch (error) {
    if (!/^mongodb(\+srv)?:\/\//.test(text)) return { fault: "let it begin with mongodb://" };
    if (/URI malformed/.test((error as Error).message)) return percent;
    if (/unescaped characters/.test((error as Error).message) || /@.*@/.test(text))
      return { fault: "write : / ? # [ ] @ in its user and its password as %3A %2F %3F %23 %5B %5D %40" };
    return { fault: "correct it to mongodb://USER:PASSWORD@HOST:27017/DATABASE?OPTIONS" };
  }
  if (!url.hosts.every((host) => hostPattern.test(host)))
    return { fault: "let it name its server as HOST or HOST:PORT" };
  return { url };
}
