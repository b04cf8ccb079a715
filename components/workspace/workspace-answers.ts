import * as pulumi from "@pulumi/pulumi";

/** What a bot sends as `X-User-Id` and `X-Auth-Token`. */
export interface BotToken {
  userId: string;
  token: string;
}

/** The answer of a bot: `USER_ID TOKEN GENERATION`. */
export function botTokenOf(answer: string): BotToken {
  const [userId = "", token = ""] = answer.split(" ");
  return { userId, token };
}

/** What only Rocket.Chat knows, as the stack's outputs show it; secret. */
export function secretEntries<T>(
  answers: pulumi.Output<Record<string, string>>,
  read: (answer: string) => T,
): pulumi.Output<Record<string, T>> {
  // The mocks of the tests answer nothing.
  const entries = answers.apply((known: Record<string, string> | undefined) =>
    Object.fromEntries(Object.entries(known ?? {}).map(([name, answer]) => [name, read(answer)])),
  );
  return pulumi.secret(entries) as pulumi.Output<Record<string, T>>;
}

/** Somebody who deactivates a bot is found out, and a former one is active again. */
export function activeBots(bots: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.entries(bots).map(([name, bot]) => [name, { ...bot, active: true }]));
}
