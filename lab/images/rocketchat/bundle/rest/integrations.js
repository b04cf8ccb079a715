import { randomId } from "../ids.js";
import { ApiError } from "./api-error.js";
import { readJson } from "./api.js";

const EVENTS = [
  "sendMessage",
  "fileUploaded",
  "roomArchived",
  "roomCreated",
  "roomJoined",
  "roomLeft",
  "userCreated",
];
const TEXTS = ["alias", "avatar", "emoji", "script"];
/** A body that names anything else is refused. */
const KNOWN = {
  "webhook-incoming": [
    "type",
    "name",
    "enabled",
    "username",
    "channel",
    "scriptEnabled",
    "overrideDestinationChannelEnabled",
    "scriptEngine",
    "integrationId",
    ...TEXTS,
  ],
  "webhook-outgoing": [
    "type",
    "name",
    "enabled",
    "username",
    "channel",
    "scriptEnabled",
    "event",
    "urls",
    "token",
    "triggerWords",
    "triggerWordAnywhere",
    "targetRoom",
    "impersonateUser",
    "runOnEdits",
    "retryFailedCalls",
    "retryCount",
    "retryDelay",
    "scriptEngine",
    "integrationId",
    ...TEXTS,
  ],
};
const EVERY_CHANNEL = ["all_public_channels", "all_private_groups", "all_direct_messages"];

export function addIntegrationRoutes(api, { integrations, users, rooms, permissions }) {
  api.route("GET", "/api/v1/integrations.list", { login: true }, async ({ query, user }) => {
    await requireManager(user, "incoming");
    const [offset, count] = ["offset", "count"].map((name) =>
      Number(query.get(name) ?? (name === "count" ? 50 : 0)),
    );
    const page = await integrations.list({ offset, count: Math.min(count, 100) });
    const length = page.integrations.length;
    return { ...page, offset, items: length, count: length, success: true };
  });

  api.route("GET", "/api/v1/integrations.get", { login: true }, async ({ query, user }) => {
    await requireManager(user, "incoming");
    const integration = await integrations.find(query.get("integrationId"));
    if (integration === null) throw new ApiError(400, "The integration does not exists.");
    return { integration, success: true };
  });

  api.route("POST", "/api/v1/integrations.create", { login: true }, async ({ request, user }) => {
    const body = await readJson(request);
    const fields = await checked(body, user, ["username"]);
    const token = fields.type === "webhook-incoming" ? randomId(48) : (body.token ?? randomId(24));
    const _createdBy = { _id: user._id, username: user.username };
    return { integration: await integrations.insert({ ...fields, token, _createdBy }), success: true };
  });

  api.route("PUT", "/api/v1/integrations.update", { login: true }, async ({ request, user }) => {
    const body = await readJson(request);
    const present = await find(body);
    const fields = await checked({ username: present.username, ...body }, user, []);
    if (fields.type === "webhook-outgoing" && !fields.token?.trim()) {
      throw new ApiError(400, "Invalid token [error-invalid-token]", { errorType: "error-invalid-token" });
    }
    return { integration: await integrations.update(present._id, fields), success: true };
  });

  api.route("POST", "/api/v1/integrations.remove", { login: true }, async ({ request, user }) => {
    const body = await readJson(request);
    await requireManager(user, directionOf(body));
    const integration = await find(body);
    await integrations.remove(integration._id);
    return { integration, success: true };
  });

  async function find({ integrationId }) {
    const integration = await integrations.find(integrationId ?? "");
    if (integration === null) throw new ApiError(400, "No integration found.");
    return integration;
  }

  async function requireManager(user, direction) {
    if (await permissions.allows(user, `manage-${direction}-integrations`)) return;
    throw new ApiError(403, "unauthorized");
  }

  /** The body as it is stored, with channels as a list; its poster becomes a bot. */
  async function checked(body, user, required) {
    const direction = directionOf(body);
    const unknown = Object.keys(body).filter((key) => !KNOWN[body.type].includes(key));
    if (unknown.length > 0) throw invalid(`must NOT have additional properties: ${unknown.join(", ")}`);
    for (const key of ["name", "channel", ...required]) requireType(body, key, "string");
    for (const key of ["enabled", "scriptEnabled"]) requireType(body, key, "boolean");
    for (const key of TEXTS) if (key in body) requireType(body, key, "string");
    await requireManager(user, direction);
    if (direction === "outgoing") {
      if (!EVENTS.includes(body.event)) throw refused("error-invalid-event-type", "Invalid event type");
      if (!(body.urls?.length > 0)) throw refused("error-invalid-urls", "Invalid URLs");
    }
    const channel = body.channel
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
    for (const name of channel) await requireTarget(name, direction);
    const poster = await users.byName(body.username);
    if (poster === null) throw refused("error-invalid-user", "Invalid user");
    if (direction === "incoming") await users.addRole(poster, "bot");
    const fields = { ...body, channel, userId: poster._id, scriptEngine: "isolated-vm" };
    delete fields.integrationId;
    if (body.event !== "sendMessage") delete fields.triggerWords; // the only event with words
    return fields;
  }

  async function requireTarget(name, direction) {
    if (direction === "outgoing" && EVERY_CHANNEL.includes(name)) return;
    if (!/^[@#]/.test(name)) {
      throw refused("error-invalid-channel-start-with-chars", "Invalid channel. Start with @ or #");
    }
    const target = name.startsWith("#") ? await rooms.find(name) : await users.byName(name.slice(1));
    if (target === null) throw refused("error-invalid-room", "Invalid room");
  }
}

function directionOf({ type }) {
  if (!Object.hasOwn(KNOWN, type ?? "")) throw new ApiError(400, "Invalid integration type.");
  return type.slice("webhook-".length);
}

function requireType(body, key, type) {
  if (typeof body[key] !== type) throw invalid(`must have required property '${key}' of type ${type}`);
}

function invalid(message) {
  return new ApiError(400, `${message} [invalid-params]`, { errorType: "invalid-params" });
}

function refused(errorType, message) {
  return new ApiError(400, `${message} [${errorType}]`, { errorType });
}
