import { randomId } from "./ids.js";

/** Webhooks of both directions: collection `rocketchat_integrations`. */
export class Integrations {
  #collection;

  constructor(database) {
    this.#collection = database.collection("rocketchat_integrations");
  }

  async list({ offset, count }) {
    const cursor = this.#collection.find().sort({ _createdAt: -1 }).skip(offset);
    const integrations = await (count > 0 ? cursor.limit(count) : cursor).toArray();
    return { integrations, total: await this.#collection.countDocuments() };
  }

  find(_id) {
    return this.#collection.findOne({ _id });
  }

  findByToken(_id, token) {
    return this.#collection.findOne({ _id, token, type: "webhook-incoming" });
  }

  outgoing(event) {
    return this.#collection.find({ type: "webhook-outgoing", event, enabled: true }).toArray();
  }

  async insert(integration) {
    const now = new Date();
    const whole = { _id: randomId(), ...integration, _createdAt: now, _updatedAt: now };
    await this.#collection.insertOne(whole);
    return whole;
  }

  async update(_id, change) {
    await this.#collection.updateOne({ _id }, { $set: { ...change, _updatedAt: new Date() } });
    return this.find(_id);
  }

  async remove(_id) {
    await this.#collection.deleteOne({ _id });
  }
}
