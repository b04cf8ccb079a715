import { understand, whyNot } from "./environment";
import { readEnvFile } from "./env-file";
import type { Facts } from "./facts";
import { type MongoUrl, parseMongoUrl } from "./mongo-url";
import { inContainer, type Plan } from "./plan";
import { leadsTo } from "./reach";

/** What Rocket.Chat's container runs with, and what its `.env` says. */
export function planVariables(plan: Plan, { chat, mongo, database, envFile }: Facts): void {
  for (const [name, value] of Object.entries(chat.ownEnv)) {
    const understood = understand(name, value, database.chat);
    if (understood !== undefined) plan.dropped.push({ what: `variable ${name}`, why: understood.why });
    else
      plan.refuse(
        `variable:${name}`,
        `variable ${name} of ${chat.name}`,
        whyNot(name),
        `start ${chat.name} without it, see whether you miss it, and run this command again`,
      );
  }
  if (chat.env["BYPASS_MONGO_VALIDATION"] === "true")
    plan.set("rocketchat.bypassMongoValidation", true, inContainer(chat.name));

  const url = parseMongoUrl(chat.env["MONGO_URL"]);
  if (!leadsTo(chat, mongo, url))
    plan.refuse(
      `host:${url.host}`,
      `MONGO_URL's server ${url.host}:${url.port}`,
      `nothing shows that it is ${mongo.name}`,
      `name the container that it is with --mongodb NAME; if it is ${mongo.name} all the same, say so`,
    );
  planDatabase(plan, url.database, database.databases);
  planLogin(plan, url.database, url.login);
  for (const [name, value] of Object.entries(url.options)) {
    if (ordinary.has(name) || (["tls", "ssl"].includes(name) && value === "false")) continue;
    const option = url.spelled[name] ?? name;
    plan.refuse(
      `option:${option}`,
      `option ${option} in MONGO_URL`,
      "no setting expresses it",
      `start ${chat.name} without it, see whether you miss it, and run this command again`,
    );
  }

  const isCompose = chat.labels["com.docker.compose.project"] !== undefined;
  const { values: file, fault } = readEnvFile(envFile ?? { path: "", text: "" }, isCompose);
  if (fault !== undefined) plan.notices.push(`${fault}; what the container runs with counts`);
  const token = chat.env["REG_TOKEN"] ?? file.get("REG_TOKEN");
  if (token !== undefined && token !== "") plan.secrets.registrationToken = token;
  if (envFile !== undefined)
    plan.changes.push({
      what: `.env (${file.size} variables)`,
      now: "yours",
      then: "written by this program; the copy keeps yours",
      why: "Rocket.Chat's new container reads it, and nothing else may",
    });
  for (const [variable, value] of file) {
    const running = chat.env[variable];
    if (running === undefined || running === value) continue;
    plan.changes.push({
      what: `${variable} in .env`,
      now: "not what the container runs with",
      then: "what the container runs with",
      why: ".env was changed after the container was started, and never took effect",
    });
  }
  const idle = [...file.keys()].filter((variable) => !(variable in chat.env));
  if (idle.length > 0)
    plan.dropped.push({
      what: `in .env only: ${idle.join(", ")}`,
      why: "Rocket.Chat's container does not have them",
    });
}

/** With one server that this program runs itself they change nothing, or are set again. */
const ordinary = new Set([
  "replicaset",
  "authsource",
  "retrywrites",
  "retryreads",
  "w",
  "journal",
  "directconnection",
  "appname",
  "authmechanism",
  "readpreference",
  "readconcernlevel",
]);

function planDatabase(plan: Plan, name: string, databases: { name: string }[]): void {
  const isFree = (other: string) => !databases.some((database) => database.name === other);
  if (isName(name)) return plan.set("mongo.database", name, "MONGO_URL, from Rocket.Chat's container");
  const free = ["rocketchat", "workspace", "rocketchat-new"].find(isFree) ?? "another-name";
  const word = `'${name}.*'`;
  plan.refuse(
    undefined,
    `the database ${name}`,
    "no setting can hold this name: a letter, then letters, digits, - and _, 38 at most; not admin, local or config",
    `rename it with Rocket.Chat stopped, in MongoDB's container: mongodump --db='${name}' --archive | mongorestore --archive --nsInclude=${word} --nsFrom=${word} --nsTo='${free}.*' (with --username and --authenticationDatabase where it asks for a login), ` +
      `start Rocket.Chat with ${free} in MONGO_URL, drop the old database, or keep it with --accept database:${name}, and run this command again`,
  );
}

/** As the settings take a database or a user. */
function isName(text: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9_-]{0,37}$/.test(text) && !["admin", "local", "config"].includes(text.toLowerCase())
  );
}

function planLogin(plan: Plan, database: string, login: MongoUrl["login"]): void {
  if (login === undefined) {
    plan.changes.push({
      what: "Rocket.Chat's login to MongoDB",
      now: "none",
      then: "a user of its own, with a generated password",
      why: "MongoDB asks for a login from now on",
    });
    return;
  }
  const usable = isName(login.user) && login.user !== "root";
  const holds = /^[\x21-\x7e]+$/.test(login.password);
  if (usable && holds) {
    plan.set("mongo.user", login.user, "MONGO_URL, from Rocket.Chat's container");
    plan.secrets.mongoPassword = login.password;
    plan.kept.push(`MongoDB's user ${login.user} with its password`);
  }
  if (!usable || !holds || login.authSource !== database)
    plan.changes.push({
      what: "Rocket.Chat's login to MongoDB",
      now: `${login.user} of ${login.authSource}`,
      then: `${usable && holds ? login.user : "rocketchat"} of ${database}, which may read and write ${database} and nothing else`,
      why: "an application has a user of its own, in its own database; the old user stays",
    });
}
