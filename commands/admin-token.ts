// npm run admin:token: keeps a personal access token of an administrator on the host, for deployments to work with. For an
// administrator who has turned on two-factor authentication, or whose password this project never knew.
import { withOperator } from "../terminal/operator";
import { given } from "./stack/arguments";
import { settingsOf } from "./stack/settings-of";
import { presentStack } from "./stack/present-stack";
import { main, OperatorError, say } from "../terminal/steps";
import { type Api, RestApi } from "../workspace/api";
import { connectionOf } from "../workspace/connection";
import { acceptFingerprint } from "../workspace/fingerprint";
import type { Connection } from "../workspace/provider";
import { Relay } from "../workspace/relay";
import { headers, tokenFile } from "../workspace/session";
import { hostVault } from "../workspace/vault";

main(async (args) => {
  const { stack: name } = given("admin-token", args);
  const stack = await presentStack(name);
  const connection = connectionOf(await settingsOf(stack));

  const { userId, token } = await withOperator(async (operator) => ({
    userId: (await operator.ask("The user id that Rocket.Chat shows with the token:")).trim(),
    token: (await operator.askSecret("The token:")).trim(),
  }));

  const relay = new Relay(connection);
  try {
    const username = await keep(connection, new RestApi(relay), userId, token);
    say(`Deployments of the stack ${name} work as ${username} from now on.`);
  } finally {
    relay.close();
  }
  return 0;
});

/** @returns whose the token is. */
async function keep(connection: Connection, server: Api, userId: string, token: string): Promise<string> {
  const api = server.as(headers(userId, token));
  const { username, roles } = await api.get<{ username: string; roles: string[] }>("/api/v1/me");
  if (!roles.includes("admin")) {
    throw new OperatorError(
      `token: must be an administrator's (got one of ${username}, who is ${roles.join(", ")}); make it as an administrator`,
    );
  }
  const { engine, helperImage, secretsDirectory } = connection;
  await hostVault(engine, helperImage, secretsDirectory).write(tokenFile, `${userId} ${token}\n`);
  // Deployments could not, until now.
  const said = await acceptFingerprint(server, () => Promise.resolve(api));
  if (said !== undefined) say(said);
  return username;
}
