import { requireSecondFactor } from "../two-factor.js";
import { ApiError } from "./api-error.js";
import { RateLimiter } from "./rate-limiter.js";

const MAX_JSON_BYTES = 10 * 1024 * 1024;
const BYPASS_RATE_LIMIT_ROLES = ["admin", "bot", "app"];

/**
 * Routes and the rules that stand before them.
 *
 * A route is a path with `:name` parts and a handler `(call) => body`; a handler that answers by itself
 * returns undefined. Options: `login` (a user is needed), `admin`, `permission`, `secondFactor`, `unlimited` (no rate
 * limit; only paths below /api/v1 and webhooks have one).
 */
export class Api {
  #routes = [];
  #fallback;
  #users;
  #limiter;
  #settings;
  #environment;
  #permissions;
  /** The calls since the start that may have changed something, those that were let in: for tests that count them. */
  writes = [];

  constructor({ users, settings, environment, permissions }) {
    this.#users = users;
    this.#settings = settings;
    this.#environment = environment;
    this.#permissions = permissions;
    this.#limiter = new RateLimiter(settings);
  }

  route(method, path, options, handler) {
    const pattern = new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/:(\w+)/g, "(?<$1>[^/]+)")}/?$`);
    this.#routes.push({ method, path, pattern, options, handler });
  }

  /** What there is to be asked. */
  routes() {
    return this.#routes.map(({ method, path }) => `${method} ${path}`);
  }

  /** What answers a GET that no route and no API path takes. */
  fallback(handler) {
    this.#fallback = handler;
  }

  async handle(request, response) {
    response.setHeader("X-Stand-In", "rocketchat");
    try {
      const body = await this.#dispatch(request, response);
      if (body !== undefined) sendJson(response, 200, body);
    } catch (error) {
      if (response.headersSent) return response.destroy();
      if (error instanceof ApiError) {
        return sendJson(response, error.status, { success: false, error: error.message, ...error.more });
      }
      console.error(`${request.method} ${request.url.split("?")[0]}: ${error.stack}`);
      sendJson(response, 500, { success: false, error: "Internal server error" });
    } finally {
      // An answer given before the body was read must not leave the rest of it on the connection.
      request.resume();
    }
  }

  async #dispatch(request, response) {
    const method = request.method === "HEAD" ? "GET" : request.method;
    const url = new URL(request.url, "http://stand-in");
    for (const route of this.#routes) {
      const match = route.method === method ? route.pattern.exec(url.pathname) : null;
      if (match === null) continue;
      const params = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([k, v]) => [k, decodeURIComponent(v)]),
      );
      const call = { request, response, params, query: url.searchParams, ...(await this.#identify(request)) };
      await this.#admit(route, call);
      if (method !== "GET") this.writes.push(`${method} ${url.pathname}`);
      return route.handler(call);
    }
    if (method !== "GET" || url.pathname.startsWith("/api/")) throw new ApiError(404, "Not found");
    return this.#fallback({ request, response });
  }

  async #identify(request) {
    const cookies = cookiesOf(request);
    const token = request.headers["x-auth-token"] ?? cookies.rc_token;
    const userId = request.headers["x-user-id"] ?? cookies.rc_uid;
    if (token === undefined || userId === undefined) return {};
    const user = await this.#users.byToken(token);
    return user?._id === userId ? { user, token } : {};
  }

  async #admit({ method, path, options }, call) {
    const bypass = call.user?.roles.some((role) => BYPASS_RATE_LIMIT_ROLES.includes(role));
    if (/^\/(api\/v1|hooks)\//.test(path) && !options.unlimited && !bypass) {
      this.#limiter.count(`${method} ${path}`, this.#addressOf(call.request));
    }
    if ((options.login || options.admin || options.permission) && call.user === undefined) {
      const message = "You must be logged in to do this.";
      throw new ApiError(401, message, { status: "error", message });
    }
    const lacks =
      options.permission !== undefined && !(await this.#permissions.allows(call.user, options.permission));
    if (lacks || (options.admin && !call.user.roles.includes("admin"))) {
      throw new ApiError(
        403,
        "User does not have the permissions required for this action [error-unauthorized]",
      );
    }
    if (options.secondFactor) {
      const [users, settings, environment] = [this.#users, this.#settings, this.#environment];
      await requireSecondFactor(call, { users, settings, environment });
    }
  }

  /** The client's address as the outermost believed proxy saw it. */
  #addressOf(request) {
    const forwarded = (request.headers["x-forwarded-for"] ?? "").split(",").map((part) => part.trim());
    return forwarded.at(-this.#environment.forwardedCount) || request.socket.remoteAddress;
  }
}

function cookiesOf(request) {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim().split("="));
  return Object.fromEntries(pairs.map(([name, ...value]) => [name, value.join("=")]));
}

/** The request's body as text. */
export async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_JSON_BYTES) throw new ApiError(413, "Request body too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The request's JSON object. */
export async function readJson(request) {
  const text = await readBody(request);
  try {
    const body = JSON.parse(text || "{}");
    if (body !== null && typeof body === "object") return body;
  } catch {
    // Falls through: said in the API's words.
  }
  throw new ApiError(400, "Invalid JSON in the request body");
}

export function sendJson(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}
