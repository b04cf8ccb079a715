import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { adminPasswordLength } from "../../settings/workspace/password-policy";
import { OperatorError } from "../../terminal/steps";
import { type Api, ApiFailure } from "../api";
import { roomByName } from "../rooms";
import { passwordAsFactor } from "../second-factor";
import { headers } from "../session";
import type { Found, Kind } from "./kind";

/** An account for a program. The program that deploys it is the only one who may change it. */
export interface Bot {
  name: string;
  email: string;
  roles: string[];
  /** Those it is in at least: people may invite it to others. */
  channels: string[];
  active: boolean;
  /** Generation of its personal access token. @default it has none */
  token?: number;
}

interface User {
  _id: string;
  username: string;
  name?: string;
  emails?: { address: string }[];
  roles: string[];
  active: boolean;
  rooms?: { rid: string; name: string; t: string }[];
}

const tokenName = "pulumi";

/**
 * Bots by user name. The answer is `USER_ID TOKEN GENERATION`; the token is known to the state alone.
 *
 * Only a bot itself can make its token, so it gets a password that nobody keeps. A new password ends every login of the bot,
 * and with them its former token. One that leaves the settings is deactivated: its messages stay, and so does its name.
 */
export const bot: Kind<Bot> = {
  async read(api, username, wanted, id, answer) {
    const user =
      (id === undefined ? undefined : await find(api, { userId: id })) ?? (await find(api, { username }));
    if (user === undefined) return undefined;
    const token = await validToken(api, user, answer);
    return { id: user._id, actual: shownOf(user, username, wanted, token), ...(token && { answer: token }) };
  },

  async create(api, username, wanted) {
    const { name, email, roles } = wanted;
    const created = api.post<{ user: Omit<User, "rooms"> }>("/api/v1/users.create", {
      username,
      name,
      email,
      roles,
      password: newPassword(),
      // Else it would wait for somebody to approve it, where accounts must be.
      active: true,
      joinDefaultChannels: false,
      requirePasswordChange: false,
      sendWelcomeEmail: false,
    });
    const { user } = await withAddress(email, created);
    const fresh = { ...user, roles, rooms: [] };
    return change(api, username, wanted, {
      id: user._id,
      actual: shownOf(fresh, username, { ...wanted, name, email }, undefined),
    });
  },

  /** One of this stack's has what the settings say, but for what a killed deployment had still to do. */
  refuseForeign(wanted, { actual }) {
    const differs = (["name", "email", "roles"] as const).filter(
      (key) => !isDeepStrictEqual(actual[key], wanted[key]),
    );
    if (differs.length === 0) return;
    throw new OperatorError(
      `must be an account that this stack made, or none (got one with other ${differs.join(" and ")}, and the roles ${actual.roles.join(" ")}); ` +
        "choose another name under workspace.bots, or give that account this name, address and these roles in Rocket.Chat, if it is for a program",
    );
  },

  update: change,

  async remove(api, _username, _old, userId) {
    try {
      await api.post("/api/v1/users.setActiveStatus", { userId, activeStatus: false });
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      if (/not found/i.test(error.reason)) return;
      if (!/user-last-owner/.test(error.reason)) throw error;
      throw new OperatorError(
        `must not be the only owner of a channel (got ${error.message}); make somebody else an owner there, then run the command again`,
      );
    }
  },
};

async function find(api: Api, query: { userId: string } | { username: string }): Promise<User | undefined> {
  try {
    const whole = { ...query, includeUserRooms: "true" };
    return (await api.get<{ user: User }>("/api/v1/users.info", whole)).user;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 400 && /not found/i.test(error.reason))
      return undefined;
    throw error;
  }
}

/** The token if the bot can still log in with it. */
async function validToken(api: Api, user: User, answer: string | undefined): Promise<string | undefined> {
  const [userId = "", token = ""] = answer?.split(" ") ?? [];
  if (userId !== user._id) return undefined;
  try {
    await api.as(headers(userId, token)).get("/api/v1/me");
    return answer;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) return undefined;
    throw error;
  }
}

function shownOf(user: User, username: string, wanted: Bot, token: string | undefined): Bot {
  const rooms = new Set(user.rooms?.filter(({ t }) => t !== "d").map(({ name }) => name));
  return {
    name: user.name ?? "",
    email: user.emails?.[0]?.address ?? "",
    roles: inOrderOf(wanted.roles, user.roles),
    channels: wanted.channels.filter((channel) => rooms.has(channel)),
    active: user.active,
    ...(token !== undefined && { token: Number(token.split(" ")[2]) }),
    ...(user.username !== username && { username: user.username }),
  };
}

/** The order of roles means nothing. */
function inOrderOf(wanted: string[], actual: string[]): string[] {
  return [
    ...wanted.filter((role) => actual.includes(role)),
    ...actual.filter((role) => !wanted.includes(role)),
  ];
}

async function change(api: Api, username: string, wanted: Bot, { id, actual, answer }: Found<Bot>) {
  const account = { username, name: wanted.name, email: wanted.email, roles: wanted.roles };
  const before = { username, ...actual };
  const data = Object.fromEntries(
    Object.entries(account).filter(([key, value]) => !isDeepStrictEqual(before[key as keyof Bot], value)),
  );
  if (Object.keys(data).length > 0) {
    await withAddress(wanted.email, api.post("/api/v1/users.update", { userId: id, data }));
  }
  if (!actual.active) await api.post("/api/v1/users.setActiveStatus", { userId: id, activeStatus: true });
  for (const channel of wanted.channels.filter((name) => !actual.channels.includes(name))) {
    await join(api, id, channel);
  }

  if (wanted.token === actual.token) return { id, ...(answer !== undefined && { answer }) };
  const password = newPassword();
  const verified = wanted.token !== undefined && (await loginNeedsVerified(api)) && { verified: true };
  await api.post("/api/v1/users.update", { userId: id, data: { password, ...verified } });
  if (wanted.token === undefined) return { id };
  const token = await makeToken(api, username, password);
  return { id, answer: `${id} ${token} ${wanted.token}` };
}

/** The workspace may allow some domains alone, or block some, without the settings saying so. */
async function withAddress<T>(email: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const refused = /error-invalid-domain|error-email-domain-blacklisted/;
    if (!(error instanceof ApiFailure) || !refused.test(error.reason)) throw error;
    throw new OperatorError(
      `email: must be under a domain that the workspace takes (got ${email}: ${error.message}); ` +
        "set email to an address under another one, or change Accounts_AllowedDomainsList or Accounts_BlockedDomainsList there",
    );
  }
}

async function join(api: Api, userId: string, roomName: string): Promise<void> {
  const room = await roomByName(api, roomName);
  if (room === undefined) {
    throw new OperatorError(
      `channels: must be there (got ${roomName}); make it, or name it under workspace.channels`,
    );
  }
  const path = room.t === "p" ? "groups" : "channels";
  try {
    await api.post(`/api/v1/${path}.invite`, { roomId: room._id, userId });
  } catch (error) {
    if (!(error instanceof ApiFailure) || !/not.?allowed/i.test(error.reason)) throw error;
    throw new OperatorError(
      `channels: must be those that the deploying administrator may invite to (got ${roomName}: ${error.message}); ` +
        `grant add-user-to-any-${room.t}-room to admin under workspace.permissions, or invite that administrator there`,
    );
  }
}

/**
 * Where accounts must show that their address is theirs, nobody opens a bot's mail: the program says it. Elsewhere the address stays as it
 * is, since of a verified one Rocket.Chat wants a code by e-mail at each login, for accounts that it opted in when they were made.
 */
async function loginNeedsVerified(api: Api): Promise<boolean> {
  const { value } = await api.get<{ value: unknown }>("/api/v1/settings/Accounts_EmailVerification");
  return value === true;
}

/** As the bot, with the password as its second factor. The login ends, the token stays. */
async function makeToken(api: Api, user: string, password: string): Promise<string> {
  const data = await logIn(api, user, password);
  const asBot = api.as({ ...headers(data.userId, data.authToken), ...passwordAsFactor(password) });
  try {
    const body = { tokenName, bypassTwoFactor: false };
    const { token } = await asBot.post<{ token: string }>("/api/v1/users.generatePersonalAccessToken", body);
    return token;
  } catch (error) {
    if (!(error instanceof ApiFailure) || !/not.?authorized|unauthorized/i.test(error.reason)) throw error;
    throw new OperatorError(
      `roles: must have one with the permission create-personal-access-tokens (got ${error.message}); add user, or grant the permission to one of them`,
    );
  } finally {
    await asBot.post("/api/v1/logout");
  }
}

async function logIn(api: Api, user: string, password: string) {
  try {
    const { data } = await api
      .as({})
      .post<{ data: { userId: string; authToken: string } }>("/api/v1/login", { user, password });
    return data;
  } catch (error) {
    if (!(error instanceof ApiFailure) || !/totp/i.test(error.reason)) throw error;
    throw new OperatorError(
      `token: must be made without a second factor (got ${error.message}); set workspace.twoFactor.email to false until the token is made, ` +
        "or take off what was set up by hand: Administration, Users, Reset TOTP",
    );
  }
}

/** Of every class, without a character twice in a row, as long as the administrator's: what the settings' own policies let through. */
function newPassword(): string {
  const characters = `Aa1-${randomBytes(64).toString("base64url")}`;
  return characters.replace(/(.)\1+/g, "$1").slice(0, adminPasswordLength);
}
