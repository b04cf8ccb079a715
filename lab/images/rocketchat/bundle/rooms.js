import { EventEmitter } from "node:events";
import { randomId } from "./ids.js";
import { ApiError } from "./rest/api-error.js";

/** Channels and their messages: collections `rocketchat_room` and `rocketchat_message`. */
export class Rooms {
  /** Emits each stored message under its room's id. */
  events = new EventEmitter().setMaxListeners(0);
  /** What is done with each stored message and its room before its poster gets an answer; a failure is the poster's to see. */
  afterPost = async () => {};
  #permissions;
  #rooms;
  #messages;

  constructor(database, permissions) {
    this.#permissions = permissions;
    this.#rooms = database.collection("rocketchat_room");
    this.#messages = database.collection("rocketchat_message");
  }

  async ensureGeneral() {
    const now = new Date();
    const u = { _id: "rocket.cat", username: "rocket.cat", name: "Rocket.Cat" };
    const counts = { usernames: [], usersCount: 0, msgs: 0 };
    const general = { t: "c", name: "general", default: true, u, ...counts, ts: now, _updatedAt: now };
    await this.#rooms.updateOne({ _id: "GENERAL" }, { $setOnInsert: general }, { upsert: true });
    await this.#messages.createIndex({ rid: 1, ts: -1 });
  }

  async create(fields, user) {
    const now = new Date();
    const room = {
      _id: randomId(),
      ...fields,
      u: { _id: user._id, username: user.username },
      msgs: 0,
      usersCount: 1,
      ts: now,
      _updatedAt: now,
    };
    await this.#rooms.insertOne(room);
    return room;
  }

  change(room, fields) {
    return this.#rooms.updateOne({ _id: room._id }, { $set: { ...fields, _updatedAt: new Date() } });
  }

  /** Rooms whose name holds a text, as the administration panel lists them. */
  search(text) {
    const literal = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return this.#rooms
      .find({ name: { $regex: literal, $options: "i" } })
      .sort({ name: 1 })
      .toArray();
  }

  /** A private group shows itself to its maker and to administrators only. */
  mayRead(room, user) {
    return room.t === "c" || user.roles.includes("admin") || room.u?._id === user._id;
  }

  list() {
    return this.#rooms.find({ t: "c" }).sort({ name: 1 }).toArray();
  }

  /** A room by its id or by its name, with or without `#`; null when there is none. */
  find(idOrName) {
    return this.#rooms.findOne({ $or: [{ _id: idOrName }, { name: idOrName.replace(/^#/, "") }] });
  }

  /** Stores a message; when this returns the database has acknowledged it. */
  async post(room, user, content) {
    await this.#requireOwnLook(user, content);
    const now = new Date();
    const author = { _id: user._id, username: user.username, name: user.name };
    const said = Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined));
    const message = { _id: randomId(), rid: room._id, ts: now, u: author, _updatedAt: now, ...said };
    await this.#messages.insertOne(message);
    this.events.emit(room._id, message);
    await this.afterPost(message, room);
    return message;
  }

  /** As observed: another name or picture, not an emoji, is for those who may impersonate, and by default bots and apps alone may. */
  async #requireOwnLook(user, { alias, avatar }) {
    if (!alias && !avatar) return;
    if (!(await this.#permissions.allows(user, "message-impersonate"))) {
      throw new ApiError(400, "Not enough permission");
    }
  }

  /** Messages of a room, newest first, and how many there are. */
  async messages(room, { count, offset }) {
    const messages = await this.#messages
      .find({ rid: room._id })
      .sort({ ts: -1 })
      .skip(offset)
      .limit(count)
      .toArray();
    return { messages, total: await this.#messages.countDocuments({ rid: room._id }) };
  }
}
