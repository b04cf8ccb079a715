import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";
import type { Networks } from "./networks";

export interface LoanGuardArgs {
  /** Where the networks are. */
  engine: Engine;
  /** Whoever uses a lent server is on one of its networks. */
  networks: Networks;
  /** Names of the stack's own containers. */
  containers: string[];
  /** Everything that must not go while somebody else uses it. */
  keeps: pulumi.Resource[];
}

/**
 * Refuses to take down, or to make anew, the networks of servers that others use.
 *
 * A guard depends on everything that it keeps, so it is deleted before all of that: what it refuses stops there, with nothing gone.
 * Each network has a guard of its own with its id as a trigger, because networks are replaced at the same time and each takes
 * away what is on it. A container that is replaced keeps its name, which is how its users find it again.
 */
export function loanGuard(name: string, { engine, networks, containers, keeps }: LoanGuardArgs): void {
  const lent = networks.made.map(({ name: network }) => network).join(" ");
  for (const { role, resource } of networks.made) {
    new command.local.Command(
      `${name}-${role}`,
      {
        create: "true",
        delete: "sh scripts/host/refuse-while-lent.sh",
        environment: { DOCKER_HOST: engine.host, NETWORKS: lent, CONTAINERS: containers.join(" ") },
        triggers: [resource.id],
        addPreviousOutputInEnv: false,
      },
      { dependsOn: keeps, deleteBeforeReplace: true },
    );
  }
}
