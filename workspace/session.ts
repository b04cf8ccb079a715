import { commandHere } from "../settings/command";
import { OperatorError } from "../terminal/steps";
import { ApiFailure, type Api, type Credentials, NotReached } from "./api";
import { passwordAsFactor, passwordFiles, secondFactorOf } from "./second-factor";

/** The administrator's secrets, as the host keeps them. */
export interface Vault {
  /** The content of a file; undefined when it is not there. */
  read(name: string): Promise<string | undefined>;
  write(name: string, value: string): Promise<void>;
  /** Makes the next value of a secret, `NAME.next`, the one that counts. */
  promote(name: string, generation: number): Promise<void>;
}

/** Name of the personal access token that deployments use, at the administrator's account. */
export const tokenName = "pulumi";
/** File beside the other secrets: `USER_ID TOKEN`. */
export const tokenFile = "api-token";
const tokenFix = () =>
  "as an administrator make a personal access token that ignores two-factor authentication (My Account, Personal Access Tokens), " +
  `then run: ${commandHere("admin:token")}`;

/**
 * Logs in as the administrator.
 *
 * A personal access token that ignores the second factor is kept on the host, so a deployment goes on when the administrator
 * turns on two-factor authentication. It is made with the password the first time, and again when Rocket.Chat does not
 * know it any more, after an older database was restored for instance. Where a server asks for the second factor all the same,
 * the password is that too.
 */
export async function logIn(server: Api, vault: Vault, username: string): Promise<Api> {
  const factor = secondFactorOf(server, {
    username,
    passwords: () => keptPasswords(vault),
    tokenFix: tokenFix(),
  });
  const kept = await vault.read(tokenFile);
  if (kept !== undefined) {
    const [userId = "", token = ""] = kept.trim().split(" ");
    const api = server.as(headers(userId, token), factor);
    if (await isKnown(api)) return api;
  }
  const api = await byPassword(server, vault, username);
  const { token, userId } = await makeToken(api);
  await vault.write(tokenFile, `${userId} ${token}\n`);
  return server.as(headers(userId, token), factor);
}

async function keptPasswords(vault: Vault): Promise<string[]> {
  const kept: string[] = [];
  for (const file of passwordFiles) {
    const password = await vault.read(file);
    if (password !== undefined) kept.push(password);
  }
  return kept;
}

/** The password is right, and the account wants a code as well. */
export class SecondFactorWanted extends OperatorError {}

/** The session of a password that the host keeps. */
async function byPassword(server: Api, vault: Vault, username: string): Promise<Api> {
  const kept = await keptPasswords(vault);
  for (const password of kept) {
    const session = await tryPassword(server, username, password);
    if (session !== undefined) return server.as(session);
  }
  if (kept.length === 0)
    throw new NotReached(`administrator ${username}: the host keeps no password; run ${commandHere("up")}`);
  throw new OperatorError(
    `administrator ${username}: the password kept on the host must be the one in Rocket.Chat (got a login refused); ${tokenFix()}`,
  );
}

/** @returns the session's headers with the password as second factor, or undefined when the password is wrong. */
export async function tryPassword(
  server: Api,
  username: string,
  password: string,
): Promise<Credentials | undefined> {
  try {
    const { data } = await server.post<{ data: { userId: string; authToken: string } }>("/api/v1/login", {
      user: username,
      password,
    });
    return { ...headers(data.userId, data.authToken), ...passwordAsFactor(password) };
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 401) throw error;
    if (/totp/.test(error.reason)) {
      throw new SecondFactorWanted(
        `administrator ${username}: asks for a second factor, and there is no token on the host that does without; ${tokenFix()}`,
      );
    }
    return undefined;
  }
}

async function isKnown(api: Api): Promise<boolean> {
  try {
    await api.get("/api/v1/me");
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) return false;
    throw error;
  }
}

async function makeToken(api: Api): Promise<{ token: string; userId: string }> {
  const { _id: userId } = await api.get<{ _id: string }>("/api/v1/me");
  const { tokens } = await api.get<{ tokens: { name: string }[] }>("/api/v1/users.getPersonalAccessTokens");
  // users.regeneratePersonalAccessToken would keep what the old one said of the second factor.
  if (tokens.some(({ name }) => name === tokenName))
    await api.post("/api/v1/users.removePersonalAccessToken", { tokenName });
  const { token } = await api.post<{ token: string }>("/api/v1/users.generatePersonalAccessToken", {
    tokenName,
    bypassTwoFactor: true,
  });
  return { token, userId };
}

export function headers(userId: string, token: string): Credentials {
  return { "X-User-Id": userId, "X-Auth-Token": token };
}
