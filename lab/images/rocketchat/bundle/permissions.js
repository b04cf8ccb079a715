import { readFileSync } from "node:fs";

/** Roles as Rocket.Chat makes them: id, scope, description. */
const ROLES = [
  ["admin", "Users", "Admin"],
  ["moderator", "Subscriptions", "Moderator"],
  ["leader", "Subscriptions", "Leader"],
  ["owner", "Subscriptions", "Owner"],
  ["user", "Users", ""],
  ["bot", "Users", ""],
  ["app", "Users", ""],
  ["federated-external", "Users", ""],
  ["guest", "Users", ""],
  ["anonymous", "Users", ""],
];

/** Who may do what: collections `rocketchat_permissions` and `rocketchat_roles`. */
export class Permissions {
  #permissions;
  #roles;

  constructor(database) {
    this.#permissions = database.collection("rocketchat_permissions");
    this.#roles = database.collection("rocketchat_roles");
  }

  async ensureDefaults() {
    const lines = readFileSync(new URL("rocketchat-permissions.tsv", import.meta.url), "utf8").split("\n");
    for (const line of lines.filter((text) => text !== "" && !text.startsWith("#"))) {
      const [_id, roles] = line.split("\t");
      const defaults = { roles: roles === "" ? [] : roles.split(" "), _updatedAt: new Date() };
      await this.#permissions.updateOne({ _id }, { $setOnInsert: defaults }, { upsert: true });
    }
    for (const [_id, scope, description] of ROLES) {
      const fields = { name: _id, scope, description, protected: true, mandatory2fa: false };
      const defaults = { ...fields, _updatedAt: new Date() };
      await this.#roles.updateOne({ _id }, { $setOnInsert: defaults }, { upsert: true });
    }
  }

  /** Whether a user's roles have a permission. */
  async allows(user, permission) {
    return (await this.#permissions.findOne({ _id: permission, roles: { $in: user.roles } })) !== null;
  }

  list() {
    return this.#permissions.find().sort({ _id: 1 }).toArray();
  }

  /** How many of these exist. */
  count(ids) {
    return this.#permissions.countDocuments({ _id: { $in: ids } });
  }

  async setRoles(_id, roles) {
    await this.#permissions.updateOne({ _id }, { $set: { roles, _updatedAt: new Date() } });
  }

  roles() {
    return this.#roles.find().sort({ _id: 1 }).toArray();
  }

  countRoles(ids) {
    return this.#roles.countDocuments({ _id: { $in: ids } });
  }

  role(_id) {
    return this.#roles.findOne({ _id });
  }

  async updateRole(_id, change) {
    await this.#roles.updateOne({ _id }, { $set: { ...change, _updatedAt: new Date() } });
    return this.role(_id);
  }
}
