import { randomId } from "./ids.js";
import { hashPassword, passwordMatches, sha256 } from "./passwords.js";

/** People and their logins: collection `users`. Tokens are kept as hashes, so logins outlive a restart. */
export class Users {
  #collection;

  constructor(database) {
    this.#collection = database.collection("users");
  }

  /** Makes the administrator of ADMIN_*, once: never when somebody has the role, never a new password. */
  async seedAdmin(env) {
    if (!env.ADMIN_PASS) return;
    if (await this.#collection.findOne({ roles: "admin" })) {
      console.log("Users with admin role already exist; Ignoring environment variables ADMIN_");
      return;
    }
    const validEmail = /^[^@\s]+@[^@\s]+$/.test(env.ADMIN_EMAIL ?? "");
    if (env.ADMIN_EMAIL && !validEmail) console.log("ADMIN_EMAIL is not a valid address; ignored");
    await this.#collection.insertOne({
      _id: randomId(),
      createdAt: new Date(),
      type: "user",
      active: true,
      roles: ["admin"],
      username: env.ADMIN_USERNAME || "admin",
      name: env.ADMIN_NAME || "Administrator",
      emails: validEmail ? [{ address: env.ADMIN_EMAIL, verified: env.ADMIN_EMAIL_VERIFIED === "true" }] : [],
      services: {
        password: { scrypt: await hashPassword(sha256(env.ADMIN_PASS, "hex")) },
        resume: { loginTokens: [] },
      },
    });
    console.log("Inserting admin user from the environment");
  }

  /** The user of a name or e-mail address and a password, or null. */
  async byPassword(login, password) {
    const user = await this.#collection.findOne({ $or: [{ username: login }, { "emails.address": login }] });
    return user !== null && (await this.hasPassword(user, sha256(password, "hex"))) ? user : null;
  }

  hasPassword(user, digest) {
    return passwordMatches(user.services.password.scrypt, digest);
  }

  /** The user a login token belongs to, or null. */
  byToken(token) {
    return this.#collection.findOne({ "services.resume.loginTokens.hashedToken": sha256(token, "base64") });
  }

  async newToken(user) {
    const token = randomId(43);
    const entry = { hashedToken: sha256(token, "base64"), when: new Date() };
    await this.#collection.updateOne({ _id: user._id }, { $push: { "services.resume.loginTokens": entry } });
    return token;
  }

  byId(_id) {
    return this.#collection.findOne({ _id });
  }

  personalToken(user, name) {
    const { loginTokens } = user.services.resume;
    return loginTokens.find((token) => token.type === "personalAccessToken" && token.name === name);
  }

  async newPersonalToken(user, name, bypassTwoFactor) {
    const token = randomId(43);
    const entry = {
      type: "personalAccessToken",
      name,
      bypassTwoFactor,
      lastTokenPart: token.slice(-6),
      hashedToken: sha256(token, "base64"),
      createdAt: new Date(),
      when: new Date(),
    };
    await this.#collection.updateOne({ _id: user._id }, { $push: { "services.resume.loginTokens": entry } });
    return token;
  }

  removePersonalToken(user, name) {
    return this.#collection.updateOne(
      { _id: user._id },
      { $pull: { "services.resume.loginTokens": { type: "personalAccessToken", name } } },
    );
  }

  /** What an administrator changes; a new password ends the user's logins, not the personal access tokens. */
  async update(user, { password, name }) {
    if (typeof name === "string") {
      await this.#collection.updateOne({ _id: user._id }, { $set: { name } });
    }
    if (typeof password !== "string") return;
    await this.#collection.updateOne(
      { _id: user._id },
      {
        $set: { "services.password.scrypt": await hashPassword(sha256(password, "hex")) },
        $pull: { "services.resume.loginTokens": { type: { $ne: "personalAccessToken" } } },
      },
    );
  }

  /** Remembers that the holder of a token has shown a second factor. */
  async authorizeToken(token, until) {
    await this.#collection.updateOne(
      { "services.resume.loginTokens.hashedToken": sha256(token, "base64") },
      { $set: { "services.resume.loginTokens.$.twoFactorAuthorizedUntil": until } },
    );
  }
}

/** A user as the API shows it. */
export function publicUser({ _id, username, name, emails, roles, active }) {
  return { _id, username, name, emails, roles, active };
}
