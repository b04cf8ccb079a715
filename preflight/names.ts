import { inventoryOf } from "../inventory";
import { commandFor } from "../settings/command";
import type { Problem } from "../settings/problems";
import { setCommand } from "../settings/problems";
import type { Check } from "./check";
import type { Labelled } from "./host-facts";

/** Names of containers and networks that are taken by something which is not this stack's. */
export const names: Check = (settings, host) => {
  const taken = (
    kind: "container" | "network",
    wanted: { key: string; name: string }[],
    there: Labelled[],
  ): Problem[] =>
    wanted.flatMap(({ key, name }) => {
      const holder = there.find((one) => one.name === name);
      if (holder === undefined || holder.stack === settings.stack) return [];
      const whose = holder.stack === "" ? "one that no stack made" : `one of the stack ${holder.stack}`;
      return [
        {
          key,
          rule: `must leave the ${kind} name ${name} to this stack`,
          value: `got ${whose}`,
          fix: fix(kind, key, name, holder),
        },
      ];
    });
  const { containers, networks } = inventoryOf(settings);
  const byHand = containers
    .filter(({ role }) => ["rocketchat", "mongo"].includes(role))
    .map(({ name }) => name);

  function fix(kind: string, key: string, name: string, { stack }: Labelled): string {
    if (stack !== "") return `set another one: ${setCommand("prefix", "second-")}`;
    if (kind === "container" && byHand.includes(name))
      return `${commandFor(settings.stack, "adopt")} takes over a workspace that was started by hand; else rename it: docker rename ${name} ${name}-old`;
    const away =
      kind === "container"
        ? `rename it: docker rename ${name} ${name}-old`
        : "remove it where nobody needs it";
    return `${away}, or set another one: ${setCommand(key, key === "prefix" ? "second-" : `${name}-2`)}`;
  }

  return [...taken("container", containers, host.containers), ...taken("network", networks, host.networks)];
};
