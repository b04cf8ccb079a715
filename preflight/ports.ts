import { inventoryOf } from "../inventory";
import type { Port } from "../inventory/part";
import { setCommand } from "../settings/problems";
import type { PlainSettings } from "../settings/schema";
import type { Check } from "./check";
import { collide } from "./listeners";

/** Ports that the stack is to publish and somebody else has. */
export const ports: Check = (settings, { containers, listeners }) =>
  portsOf(settings).flatMap(({ key, ...wanted }) => {
    const { address, port } = wanted;
    const publishes = containers.filter((one) => one.ports.some((its) => collide(its, wanted)));
    // The engine listens for it.
    if (publishes.some(({ stack }) => stack === settings.stack)) return [];

    const other = `set another port: ${setCommand(key, String(port + 8000 > 65535 ? port - 8000 : port + 8000))}`;
    const rule = `must be free on the host for Traefik, ${port} on ${address}`;
    const [container] = publishes;
    if (container !== undefined) {
      const whose = container.stack === "" ? "" : ` of the stack ${container.stack}`;
      return [
        {
          key,
          rule,
          value: `got the container ${container.name}${whose}`,
          fix: `stop it, or ${other}`,
        },
      ];
    }
    const listener = listeners.find((one) => collide(one, wanted));
    if (listener === undefined) return [];
    return [
      {
        key,
        rule,
        value: `got a process of the host, user ${listener.uid} on ${listener.address}`,
        fix: `on that host, as root, ss -ltnp 'sport = :${port}' shows it: stop it, or ${other}`,
      },
    ];
  });

function portsOf(settings: PlainSettings): Port[] {
  return inventoryOf(settings).containers.flatMap(({ ports: its }) => its);
}
