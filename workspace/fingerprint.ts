import { OperatorError } from "../terminal/steps";
import type { Api } from "./api";

const setting = "Deployment_FingerPrint_Verified";

/**
 * Whether administrators are asked if this is a new workspace ("Unique ID change detected"). Everybody may read it: their browser
 * does. A version that does not tell asks nobody.
 */
export async function isPending(server: Api): Promise<boolean> {
  const { settings } = await server.get<{ settings: { _id: string; value: unknown }[] }>(
    "/api/v1/settings.public",
    { _id: setting },
  );
  return settings.some(({ _id, value }) => _id === setting && value === false);
}

/**
 * Answers that question where it is open: it is the same workspace, at another address or with another database.
 *
 * Rocket.Chat compares both at each start, and with AUTO_ACCEPT_FINGERPRINT takes a change for that by itself; a question that was open
 * before stays so (apps/meteor/server/settings/misc.ts, `verifyFingerPrint`).
 * @returns what the operator must know: nothing, or that nobody could log in to answer.
 */
export async function acceptFingerprint(
  server: Api,
  administrator: () => Promise<Api>,
): Promise<string | undefined> {
  if (!(await isPending(server))) return undefined;
  try {
    const api = await administrator();
    await api.post("/api/v1/fingerprint", { setDeploymentAs: "updated-configuration" });
    return undefined;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return (
      `administrators are asked whether this is a new workspace (Unique ID change detected): it is not, the right answer is "Configuration update", ` +
      `and the other button makes a new one of it; it could not be answered here (${error.message})`
    );
  }
}
