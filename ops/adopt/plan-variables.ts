import { parseComposeEnv } from "./compose-env";
import { understand, whyNot } from "./environment";
import type { Facts } from "./facts";
import { type MongoUrl, parseMongoUrl } from "./mongo-url";
import { inContainer, type Plan } from "./plan";

/** What Rocket.Chat's container runs with, and what its `.env` says. */
export function planVariables(plan: Plan, { chat, database, envFile }: Facts): void {
  for (const [name, value] of Object.entries(chat.env)) {
    const understood = understand(name, value, database.chat);
    if (understood !== undefined) plan.dropped.push({ what: `variable ${name}`, why: understood.why });
    else
      plan.refuse(
        `variable:${name}`,
        `variable ${name} of ${chat.name}`,
        whyNot(name),
        "start the container without it, and see whether you miss it",
      );
  }
  if (chat.env["BYPASS_MONGO_VALIDATION"] === "true")
    plan.set("rocketchat.bypassMongoValidation", true, inContainer(chat.name));

  const { database: name, login, options } = parseMongoUrl(chat.env["MONGO_URL"]);
  plan.set("mongo.database", name, `MONGO_URL, ${inContainer(chat.name)}`);
  planLogin(plan, name, login);
  const ordinary = [
    "replicaSet",
    "authSource",
    "retryWrites",
    "w",
    "directConnection",
    "authMechanism",
    "appName",
  ];
  for (const option of Object.keys(options).filter((key) => !ordinary.includes(key)))
    plan.refuse(
      `option:${option}`,
      `option ${option} in MONGO_URL`,
      "no setting expresses it",
      "leave it out",
    );

  const file = envFile === undefined ? new Map<string, string>() : parseComposeEnv(envFile);
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
  const usable = /^[A-Za-z][A-Za-z0-9_-]{0,37}$/.test(login.user) && login.user !== "root";
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
