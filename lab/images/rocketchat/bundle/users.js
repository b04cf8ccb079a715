import { randomId } from "./ids.js";
import { hashPassword, passwordMatches, sha256 } from "./passwords.js";

/** People and their logins: collection `users`. Tokens are kept as hashes, so logins outlive a restart. */
export class Users {
  #collection;
  #settings;

  constructor(database, settings) {
    this.#collection = database.collection("users");
    this.#settings = settings;
  }

  /** Makes the administrator of ADMIN_*, once: never when somebody has the role, never a new password. Answers whom it made. */
  async seedAdmin(env) {
    if (!env.ADMIN_PASS) return;
    if (await this.hasAdmin()) {
      console.log("Users with admin role already exist; Ignoring environment variables ADMIN_");
      return;
    }
    const validEmail = /^[^@\s]+@[^@\s]+$/.test(env.ADMIN_EMAIL ?? "");
    if (env.ADMIN_EMAIL && !validEmail) console.log("ADMIN_EMAIL is not a valid address; ignored");
    const admin = {
      _id: randomId(),
      createdAt: new Date(),
      _updatedAt: new Date(),
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
    };
    await this.#collection.insertOne(admin);
    console.log("Inserting admin user from the environment");
    return admin;
  }

  async hasAdmin() {
    return (await this.#collection.findOne({ roles: "admin" })) !== null;
  }

  /** Gives a user an authenticator, or takes it away. */
  setAuthenticator(user, enabled) {
    return this.#collection.updateOne({ _id: user._id }, { $set: { "services.totp": { enabled } } });
  }

  /** The user that Rocket.Chat has from the start; webhooks post as it unless they say otherwise. */
  async ensureCat() {
    const cat = newUser({ username: "rocket.cat", name: "Rocket.Cat", roles: ["bot"], type: "bot" });
    await this.#collection.updateOne(
      { _id: "rocket.cat" },
      { $setOnInsert: { ...cat, _id: "rocket.cat" } },
      { upsert: true },
    );
  }

  /** The user of a name or e-mail address and a password, or null. */
  async byPassword(login, password) {
    const user = await this.#collection.findOne({ $or: [{ username: login }, { "emails.address": login }] });
    if (user === null || !user.active || user.services.password === undefined) return null;
    if (!this.#mayLogIn(user)) return null;
    return (await this.hasPassword(user, sha256(password, "hex"))) ? user : null;
  }

  /** Where addresses must be shown to be one's own, nobody but an administrator logs in before that. */
  #mayLogIn({ emails, roles }) {
    if (this.#settings.get("Accounts_EmailVerification") !== true || roles.includes("admin")) return true;
    return emails.some(({ verified }) => verified);
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

  endLogin(user, token) {
    const ended = { hashedToken: sha256(token, "base64") };
    return this.#collection.updateOne({ _id: user._id }, { $pull: { "services.resume.loginTokens": ended } });
  }

  byId(_id) {
    return this.#collection.findOne({ _id });
  }

  byName(username) {
    return this.#collection.findOne({ username });
  }

  /** Under manual approval it waits for an administrator, unless `active` is said. */
  async create({ username, name, email, password, roles, verified, active }) {
    const approved = this.#settings.get("Accounts_ManuallyApproveNewUsers") !== true;
    const user = newUser({ username, name, roles, type: "user", active: active ?? approved });
    user.emails = [{ address: email, verified: verified === true }];
    user.services.password = { scrypt: await hashPassword(sha256(password, "hex")) };
    await this.#collection.insertOne(user);
    return user;
  }

  addRole(user, role) {
    return this.#collection.updateOne({ _id: user._id }, { $addToSet: { roles: role } });
  }

  /** Who is deactivated loses every login, personal access tokens too. */
  setActive(user, active) {
    const ended = active ? {} : { "services.resume.loginTokens": [] };
    return this.#collection.updateOne({ _id: user._id }, { $set: { active, ...ended } });
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

  /** What an administrator changes; a new password ends every login, personal access tokens too. */
  async update(user, { password, name, roles, email, verified }) {
    const change = {
      _updatedAt: new Date(),
      ...(name !== undefined && { name }),
      ...(roles !== undefined && { roles }),
      ...(email !== undefined && { emails: [{ address: email, verified: verified === true }] }),
      ...(email === undefined && verified !== undefined && { "emails.0.verified": verified }),
      ...(password !== undefined && {
        "services.password.scrypt": await hashPassword(sha256(password, "hex")),
        "services.resume.loginTokens": [],
      }),
    };
    await this.#collection.updateOne({ _id: user._id }, { $set: change });
  }

  /** Remembers that the holder of a token has shown a second factor. */
  async authorizeToken(token, until) {
    await this.#collection.updateOne(
      { "services.resume.loginTokens.hashedToken": sha256(token, "base64") },
      { $set: { "services.resume.loginTokens.$.twoFactorAuthorizedUntil": until } },
    );
  }
}

function newUser(fields) {
  return {
    _id: randomId(),
    createdAt: new Date(),
    _updatedAt: new Date(),
    active: true,
    emails: [],
    services: { resume: { loginTokens: [] } },
    ...fields,
  };
}

/** A user as the API shows it to an administrator. */
export function publicUser({ _id, username, name, emails, roles, active, type, createdAt }) {
  return { _id, username, name, emails, roles, active, type, createdAt };
}

/** What users are told of themselves, at a login and later. */
export function ownUser(user, siteUrl) {
  const { _id, username, name, emails, roles, active, createdAt, _updatedAt, services } = user;
  return {
    ...{ _id, username, name, emails, roles, active, createdAt, _updatedAt },
    email: emails?.find(({ verified }) => verified)?.address,
    settings: { profile: {}, preferences: {}, calendar: {} },
    avatarUrl: `${siteUrl}/avatar/${username}`,
    isOAuthUser: false,
    services: {
      ...(services.totp?.enabled && { totp: { enabled: true } }),
      password: { exists: services.password !== undefined },
    },
  };
}
