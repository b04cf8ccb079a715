/** Who is in which room: collection `rocketchat_subscription`. */
export class Memberships {
  #collection;
  #rooms;

  constructor(database) {
    this.#rooms = database.collection("rocketchat_room");
    this.#collection = database.collection("rocketchat_subscription");
  }

  async add({ _id, username }, room) {
    const key = { rid: room._id, "u._id": _id };
    const rest = { u: { _id, username }, name: room.name, t: room.t, unread: 0 };
    const { upsertedCount } = await this.#collection.updateOne(key, { $setOnInsert: rest }, { upsert: true });
    await this.#count(room, upsertedCount);
  }

  async remove({ _id }, room) {
    const { deletedCount } = await this.#collection.deleteOne({ rid: room._id, "u._id": _id });
    await this.#count(room, -deletedCount);
  }

  #count(room, more) {
    return this.#rooms.updateOne({ _id: room._id }, { $inc: { usersCount: more } });
  }

  async has({ _id }, { rid }) {
    return (await this.#collection.findOne({ rid, "u._id": _id })) !== null;
  }

  async of({ _id }) {
    const all = await this.#collection.find({ "u._id": _id }).toArray();
    return all.map(({ rid, name, t, unread }) => ({ rid, name, t, unread }));
  }
}
