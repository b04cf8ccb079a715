import { createHash } from "node:crypto";
import { asksTokens, tokensMended } from "../settings/workspace/two-factor";
import { OperatorError } from "../terminal/steps";
import type { Api, Credentials, SecondFactor } from "./api";

/** Files beside the other secrets that may hold the password that counts: while it is changed there are two. */
export const passwordFiles = ["admin-password.next", "admin-password"];

/** The fall-back of an account without TOTP or e-mail codes (apps/meteor/app/2fa/server/code/PasswordCheckFallback.ts). */
export function passwordAsFactor(password: string): Credentials {
  return { "x-2fa-method": "password", "x-2fa-code": createHash("sha256").update(password).digest("hex") };
}

interface Administrator {
  /** As deployments know it. */
  username: string;
  /** Passwords that the host keeps. */
  passwords: () => Promise<string[]>;
  /** What to do for a token that does without. */
  tokenFix: string;
}

/**
 * The answers of deployments to a question for the second factor: the password's, where the server takes it. A code of an app or an
 * e-mail is nothing that a program has, so that question says how to end it.
 */
export function secondFactorOf(server: Api, { username, passwords, tokenFix }: Administrator): SecondFactor {
  const version = async () => (await server.get<{ version: string }>("/api/info")).version;
  // To read the host's files takes a second, and there is a question for each setting.
  let known: string[] = [];
  return {
    async *answers(method) {
      if (method === "password") {
        yield* known.map(passwordAsFactor);
        const [before, now] = [known, await passwords()];
        known = now;
        yield* now.filter((password) => !before.includes(password)).map(passwordAsFactor);
        return;
      }
      const running = await version();
      throw asksTokens(running)
        ? new OperatorError(
            `rocketchat.version: must be ${tokensMended} or newer where the administrator has a second factor of their own (got ${running}, which asks deployments for a code, ` +
              `${method}, whatever their token says); raise it, or turn that factor off at the account that deployments work as: My Account, Security`,
          )
        : new OperatorError(
            `administrator ${username}: the token of deployments must ignore two-factor authentication (got a question for a code, ${method}); ${tokenFix}`,
          );
    },
    async refused() {
      const running = await version();
      return new OperatorError(
        `administrator ${username}: the password kept on the host must be the one in Rocket.Chat, which asks for it as second factor (got it refused); ` +
          (asksTokens(running)
            ? `Rocket.Chat ${running} asks whatever a token says: raise rocketchat.version to ${tokensMended} or newer, or give the account that deployments work as the password that the host keeps`
            : tokenFix),
      );
    },
  };
}
