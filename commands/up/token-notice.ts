import { asksTokens, tokensMended } from "../../settings/workspace/two-factor";

/** What the operator must know of a Rocket.Chat that asks tokens for the second factor; undefined where there is nothing to say. */
export function tokenNotice(version: string): string | undefined {
  return asksTokens(version)
    ? `
Rocket.Chat ${version} asks deployments for a second factor whatever their token says. They answer with the administrator's password, so
it must stay the one that the host keeps, and that account must not turn on two-factor authentication of its own.
A rocketchat.version from ${tokensMended} on ends this.`
    : undefined;
}
