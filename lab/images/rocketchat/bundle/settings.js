import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

const OVERWRITE = "OVERWRITE_SETTING_";

/** How long an unlicensed workspace may go on without the cloud: 0 is read-only, -1 no end. */
export const DAYS_TO_WRITE = "Cloud_Workspace_AirGapped_Restrictions_Remaining_Days";

/** @typedef {{ id: string, type: string, packageValue: unknown, values: string[], sealed: boolean }} Definition */

/**
 * The ids this version knows, from `settings/data` of the project; the image's build puts the files here. What a real 8.3 server has, and
 * what came later; the defaults of texts are 6.14's, which the list of 8.3 leaves out.
 */
function readDefinitions() {
  const source = readList("rocketchat-settings.tsv");
  const server = readList("rocketchat-settings-8.3.tsv").filter(({ type }) => type !== "group");
  const later = readList("rocketchat-settings-added.tsv");
  const known = new Map([...source, ...later].map((definition) => [definition.id, definition]));
  const present = server.map((definition) => ({
    ...definition,
    packageValue: known.get(definition.id)?.packageValue ?? definition.packageValue,
  }));
  const added = later.filter(({ id }) => server.every((definition) => definition.id !== id));
  return [...present, ...added];
}

function readList(file) {
  return readFileSync(new URL(file, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [id, type, source, allowed, flags = ""] = line.split("\t");
      const values = allowed ? allowed.split("|") : [];
      return { id, type, packageValue: defaultOf(type, source), values, sealed: flags !== "" };
    });
}

/** What `Accounts_OAuth_Custom_<Name>` makes at a start: the settings of a service to log in with, by suffix. */
const CUSTOM_OAUTH = {
  "": ["boolean", false],
  "-url": ["string", ""],
  "-id": ["string", ""],
  "-secret": ["string", ""],
  "-authorize_path": ["string", "/oauth/authorize"],
  "-token_path": ["string", "/oauth/token"],
  "-identity_path": ["string", "/me"],
  "-scope": ["string", "openid"],
  "-token_sent_via": ["select", "payload"],
  "-identity_token_sent_via": ["select", "default"],
  "-login_style": ["select", "popup"],
  "-key_field": ["select", "username"],
  "-username_field": ["string", ""],
  "-email_field": ["string", ""],
  "-name_field": ["string", ""],
  "-merge_users": ["boolean", false],
  "-button_label_text": ["string", ""],
  "-access_token_param": ["string", ""],
  "-avatar_field": ["string", ""],
  "-button_color": ["string", "#1d74f5"],
  "-button_label_color": ["string", "#FFFFFF"],
  "-channels_admin": ["string", "rocket.cat"],
  "-groups_channel_map": ["string", "{}"],
  "-groups_claim": ["string", ""],
  "-map_channels": ["boolean", false],
  "-merge_roles": ["boolean", false],
  "-merge_users_distinct_services": ["boolean", false],
  "-roles_claim": ["string", ""],
  "-roles_to_sync": ["string", ""],
  "-show_button": ["boolean", true],
};

function customServices(env) {
  const names = Object.keys(env).flatMap(
    (name) => /^Accounts_OAuth_Custom_([A-Za-z0-9]+)$/.exec(name)?.[1] ?? [],
  );
  return names.flatMap((name) => {
    const service = name[0].toUpperCase() + name.slice(1).toLowerCase();
    return Object.entries(CUSTOM_OAUTH).map(([suffix, [type, packageValue]]) => ({
      id: `Accounts_OAuth_Custom-${service}${suffix}`,
      type,
      packageValue: suffix === "" ? env[`Accounts_OAuth_Custom_${name}`] === "true" : packageValue,
      values: [],
    }));
  });
}

/** The default as the source writes it; one that the source computes becomes the type's empty value. */
function defaultOf(type, source) {
  const text = /^(['"])(.*)\1$/.exec(source);
  if (text) return text[2];
  if (source === "true" || source === "false") return source === "true";
  if (/^-?\d+$/.test(source)) return Number(source);
  return type === "boolean" ? false : isNumber(type) ? 0 : "";
}

function isNumber(type) {
  return ["int", "range", "timespan"].includes(type);
}

/** A setting's value from the text of an environment variable, as lax as the real conversion. */
function convert({ type, packageValue }, text) {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (isNumber(type)) {
    const number = parseInt(text, 10);
    return Number.isNaN(number) ? packageValue : number;
  }
  if (type === "multiSelect") {
    try {
      return JSON.parse(text);
    } catch {
      return packageValue;
    }
  }
  return text;
}

/** What is wrong with a variable's text although the real server takes it; undefined when nothing is. */
function faultOf({ type, values }, text) {
  const looksBoolean = /^(true|false)$/i.test(text);
  if (type === "boolean") return /^(true|false)$/.test(text) ? undefined : "must be true or false";
  if (looksBoolean) return `is stored as a boolean, but its type is ${type}`;
  if (isNumber(type)) return /^-?\d+$/.test(text) ? undefined : "must be a whole number";
  if (type === "select" && !values.includes(text)) return `must be one of ${values.join(", ")}`;
  if (type === "language" && !/^([a-z]{2,3}(-[A-Z]{2})?)?$/.test(text)) return "must be a language code";
  return undefined;
}

/**
 * The workspace's settings: collection `rocketchat_settings`, with a copy in memory.
 *
 * `ID=value` in the environment counts when the setting is first inserted, `OVERWRITE_SETTING_<ID>=value` at
 * every boot. Nothing is refused; `report` lists what an operator cannot have meant, without values.
 */
export class Settings {
  #collection;
  #values = new Map();
  #sealed = new Set();
  /** @type {{ variable: string, problem: string }[]} */
  report = [];

  constructor(database) {
    this.#collection = database.collection("rocketchat_settings");
  }

  static async load(database, env, rootUrl) {
    const settings = new Settings(database);
    const definitions = new Map(
      [...readDefinitions(), ...customServices(env)].map((definition) => [definition.id, definition]),
    );
    definitions.get("Site_Url").packageValue = rootUrl;
    definitions.get("uniqueID").packageValue = randomUUID();
    definitions.set(DAYS_TO_WRITE, {
      id: DAYS_TO_WRITE,
      type: "int",
      packageValue: -1,
      values: [],
      sealed: true,
    });
    settings.#sealed = new Set([...definitions.values()].filter(({ sealed }) => sealed).map(({ id }) => id));
    await settings.#insertMissing(definitions, env);
    await settings.#overwrite(definitions, env);
    for await (const { _id, value } of settings.#collection.find()) settings.#values.set(_id, value);
    return settings;
  }

  async #insertMissing(definitions, env) {
    const present = new Set(await this.#collection.distinct("_id"));
    const missing = [];
    for (const definition of definitions.values()) {
      const { id, type, packageValue } = definition;
      if (present.has(id)) continue;
      const value = env[id] === undefined ? packageValue : this.#take(definition, id, env[id]);
      missing.push({ _id: id, type, packageValue, value, createdAt: new Date(), _updatedAt: new Date() });
    }
    if (missing.length > 0) await this.#collection.insertMany(missing);
  }

  async #overwrite(definitions, env) {
    for (const [variable, text] of Object.entries(env)) {
      if (!variable.startsWith(OVERWRITE)) continue;
      const definition = definitions.get(variable.slice(OVERWRITE.length));
      if (definition === undefined) {
        this.report.push({ variable, problem: "no setting has this id" });
        continue;
      }
      const value = this.#take(definition, variable, text);
      const change = {
        value,
        processEnvValue: value,
        valueSource: "processEnvValue",
        _updatedAt: new Date(),
      };
      await this.#collection.updateOne({ _id: definition.id }, { $set: change });
    }
  }

  #take(definition, variable, text) {
    const problem = faultOf(definition, text);
    if (problem !== undefined) this.report.push({ variable, problem });
    return convert(definition, text);
  }

  has(id) {
    return this.#values.has(id);
  }

  /** Whether the API refuses to write it: hidden, or there to be read. */
  isSealed(id) {
    return this.#sealed.has(id);
  }

  get(id) {
    return this.#values.get(id);
  }

  async set(id, value) {
    await this.#collection.updateOne({ _id: id }, { $set: { value, _updatedAt: new Date() } });
    this.#values.set(id, value);
  }
}
