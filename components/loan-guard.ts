import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Engine } from "./engine";
import type { Networks } from "./networks";

export interface LoanGuardArgs {
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
 * It depends on everything that it keeps, so it is deleted before all of that: what it refuses stops there, with nothing gone.
 * The networks' ids are triggers, so a network is not replaced under its users either. A container that is replaced keeps
 * its name, which is how they find it again.
 */
export function loanGuard(name: string, { engine, networks, containers, keeps }: LoanGuardArgs): void {
  const lent = networks.made;
  if (lent.length === 0) return;
  new command.local.Command(
    name,
    {
      create: "true",
      delete: "sh ops/host/refuse-while-lent.sh",
      environment: {
        DOCKER_HOST: engine.host,
        NETWORKS: lent.map(({ name: network }) => network).join(" "),
        CONTAINERS: containers.join(" "),
      },
      triggers: lent.map(({ resource }) => resource.id),
      addPreviousOutputInEnv: false,
    },
    { dependsOn: keeps, deleteBeforeReplace: true },
  );
}
