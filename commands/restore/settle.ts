import { OperatorError, say } from "../../terminal/steps";
import { RestApi } from "../../workspace/api";
import { connectionOf } from "../../workspace/connection";
import { acceptFingerprint } from "../../workspace/fingerprint";
import { Relay } from "../../workspace/relay";
import { logIn } from "../../workspace/session";
import { hostVault } from "../../workspace/vault";
import { gateVariables } from "./front-door";
import type { Site } from "./site";

/**
 * What an administrator's browser would be led to on the restored data, wizard and question, is settled: it is the same workspace.
 * Where the question cannot be answered, that is said.
 *
 * @throws OperatorError when Rocket.Chat did not come back from the restart that closes the wizard.
 */
export async function settle(site: Site): Promise<void> {
  const { chat, host, settings } = site;
  const wizard = await host.local("scripts/host/close-wizard.sh", {
    ...gateVariables(site),
    CONTAINER: chat,
    PORT: String(settings.rocketchat.port),
    STOP_SECONDS: String(settings.rocketchat.stopGrace.toSeconds()),
  });
  const said = wizard.stderr.trim();
  if (wizard.status !== 0)
    throw new OperatorError(
      said || `container ${chat}: must answer (got status ${wizard.status} of its setup wizard)`,
    );
  if (said !== "") say(said);

  const connection = connectionOf(settings);
  const { administrator, engine, helperImage, secretsDirectory } = connection;
  const relay = new Relay(connection);
  const server = new RestApi(relay);
  const vault = hostVault(engine, helperImage, secretsDirectory);
  try {
    const unanswered = await acceptFingerprint(server, () => logIn(server, vault, administrator));
    if (unanswered !== undefined) say(unanswered);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    say(error.message);
  } finally {
    relay.close();
  }
}
