import { OperatorError } from "../lib/steps";
import type { Login } from "./facts";

/** What `MONGO_URL` says. */
export interface MongoUrl {
  host: string;
  database: string;
  login: Login | undefined;
  options: Record<string, string>;
}

/** @throws OperatorError that names what it cannot be, never the password. */
export function parseMongoUrl(text: string | undefined): MongoUrl {
  const refuse = (rule: string, got: string, fix: string) =>
    new OperatorError(`MONGO_URL: ${rule} (got ${got}); ${fix}`);
  if (text === undefined)
    throw refuse(
      "must be a variable of the container",
      "none",
      "start Rocket.Chat with the one it uses, or leave it to run by hand",
    );
  const [, credentials, hosts, path, query] =
    /^mongodb:\/\/(?:([^@/]*)@)?([^/?@]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text) ?? [];
  if (hosts === undefined)
    throw refuse("must be mongodb://…", `${text.length} characters that are not`, "correct it");
  const [host = "", port = "27017"] = hosts.split(":");
  if (hosts.includes(",") || port !== "27017")
    throw refuse(
      "must name one server on port 27017",
      hosts,
      "this program runs a set of one member; reduce yours to one first",
    );
  if (!path)
    throw refuse("must name Rocket.Chat's database", "none", "add it: mongodb://HOST:27017/rocketchat?…");

  const options = Object.fromEntries(new URLSearchParams(query ?? ""));
  const [user = "", password = ""] = (credentials ?? "").split(":", 2).map(decodeURIComponent);
  const authSource = options["authSource"] ?? path;
  return {
    host,
    database: path,
    login: credentials === undefined ? undefined : { user, password, authSource },
    options,
  };
}
