/** Who is in which room: collection `rocketchat_subscription`. */
export class Memberships {
  #collection;

  constructor(database) {
    this.#collection = database.collection("rocketchat_subscription");
  }

  async add({ _id, username }, room) {
    const key = { rid: room._id, "u._id": _id };
    const rest = { u: { _id, username }, name: room.name, t: room.t };
    await this.#collection.updateOne(key, { $setOnInsert: rest }, { upsert: true });
  }

  async remove({ _id }, room) {
    await this.#collection.deleteOne({ rid: room._id, "u._id": _id });
  }

  async has({ _id }, { rid }) {
    return (await this.#collection.findOne({ rid, "u._id": _id })) !== null;
  }

  async of({ _id }) {
    const all = await this.#collection.find({ "u._id": _id }).toArray();
    return all.map(({ rid, name, t }) => ({ rid, name, t }));
  }
}
