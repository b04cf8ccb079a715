import { isIP } from "node:net";
import { got, setCommand } from "../settings/problems";
import type { Check } from "./check";
import { ownTraefik } from "../settings/own-servers";

/**
 * Before Docker 28 what is published on a loopback address can be reached from the same network segment, by routing (moby's notes on
 * 28.0). On one's own machine that is told; on a server somebody relies on it, so it is refused until he says that he knows.
 */
export const loopback: Check = (settings, { engine }) => {
  const traefik = ownTraefik(settings);
  const major = Number.parseInt(engine.version);
  if (traefik === undefined || !isLoopback(traefik.bind) || !(major < 28) || traefik.neighboursMayConnect)
    return [];
  return [
    {
      key: "ingress.bind",
      advice: settings.engine.startsWith("unix:"),
      rule: `is reached from other machines of the same network segment as well, before Docker 28, though it is ${traefik.bind}`,
      value: got(engine.version),
      fix: `update Docker to 28 on that host; or say that they may: ${setCommand("ingress.neighboursMayConnect", "true")}`,
    },
  ];
};

function isLoopback(address: string): boolean {
  return isIP(address) === 4 ? address.startsWith("127.") : address === "::1";
}
