import { WebSocketServer } from "ws";
import { randomId } from "./ids.js";
import { sendJson } from "./rest/api.js";

const VERSION = "1";

/** The real-time protocol on `/websocket`: connect, login and the messages of a room as they come. */
export function attachDdp(server, app) {
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("headers", (headers) => headers.push("X-Stand-In: rocketchat"));
  server.on("upgrade", (request, socket, head) => {
    if (request.url.split("?")[0] !== "/websocket")
      return socket.end("HTTP/1.1 404 Not Found\r\nX-Stand-In: rocketchat\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (webSocket) => new Session(webSocket, app));
  });
}

/** What SockJS clients ask for before they choose a transport. */
export function addSockJsInfo(api) {
  api.route("GET", "/sockjs/info", {}, ({ response }) => {
    response.setHeader("Cache-Control", "no-store");
    sendJson(response, 200, {
      websocket: true,
      origins: ["*:*"],
      cookie_needed: false,
      entropy: Date.now() % 2 ** 32,
    });
  });
}

class Session {
  #socket;
  #users;
  #rooms;
  #user = null;
  /** Subscription id to what ends it. */
  #subscriptions = new Map();

  constructor(socket, { users, rooms }) {
    this.#socket = socket;
    this.#users = users;
    this.#rooms = rooms;
    socket.on("error", () => socket.terminate());
    socket.on("close", () => this.#subscriptions.forEach((end) => end()));
    socket.on("message", (data) => {
      this.#receive(data).catch((error) => {
        console.error(`DDP: ${error.stack}`);
        this.#send({ msg: "error", reason: "Internal server error" });
      });
    });
    this.#send({ server_id: "0" });
  }

  #send(message) {
    this.#socket.send(JSON.stringify(message));
  }

  async #receive(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return this.#send({ msg: "error", reason: "Bad request" });
    }
    switch (message?.msg) {
      case "connect":
        return this.#send(
          message.version === VERSION
            ? { msg: "connected", session: randomId() }
            : { msg: "failed", version: VERSION },
        );
      case "ping":
        return this.#send({ msg: "pong", ...(message.id && { id: message.id }) });
      case "pong":
        return;
      case "method":
        return this.#call(message);
      case "sub":
        return this.#subscribe(message);
      case "unsub":
        return this.#unsubscribe(message);
      default:
        return this.#send({ msg: "error", reason: "Bad request", offendingMessage: message });
    }
  }

  async #call({ id, method, params }) {
    const result =
      method === "login"
        ? await this.#login(params?.[0] ?? {})
        : { error: failure(404, `Method '${method}' not found`) };
    this.#send({ msg: "result", id, ...result });
    this.#send({ msg: "updated", methods: [id] });
  }

  async #login({ resume, user, password }) {
    const name = user?.username ?? user?.email;
    const found =
      typeof resume === "string"
        ? await this.#users.byToken(resume)
        : typeof name === "string" &&
          typeof password === "string" &&
          (await this.#users.byPassword(name, password));
    if (!found) return { error: failure(403, "User not found") };
    this.#user = found;
    return {
      result: {
        id: found._id,
        token: resume ?? (await this.#users.newToken(found)),
        type: resume ? "resume" : "password",
      },
    };
  }

  #subscribe({ id, name, params }) {
    const roomId = params?.[0];
    if (name !== "stream-room-messages" || typeof roomId !== "string") {
      return this.#send({ msg: "nosub", id, error: failure(404, `Subscription '${name}' not found`) });
    }
    if (this.#user === null)
      return this.#send({ msg: "nosub", id, error: failure("not-allowed", "Not allowed") });
    const forward = (message) => {
      const fields = { eventName: roomId, args: [withEjsonDates(message)] };
      this.#send({ msg: "changed", collection: name, id: "id", fields });
    };
    this.#rooms.events.on(roomId, forward);
    this.#subscriptions.set(id, () => this.#rooms.events.off(roomId, forward));
    this.#send({ msg: "ready", subs: [id] });
  }

  #unsubscribe({ id }) {
    this.#subscriptions.get(id)?.();
    this.#subscriptions.delete(id);
    this.#send({ msg: "nosub", id });
  }
}

const failure = (error, reason) => ({
  isClientSafe: true,
  error,
  reason,
  message: `${reason} [${error}]`,
  errorType: "Meteor.Error",
});

function withEjsonDates(message) {
  const entries = Object.entries(message);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value instanceof Date ? { $date: value.getTime() } : value]),
  );
}
