import type { Plan } from "./plan";

/** An option of docker run that the new container does not have. */
export function planOption(plan: Plan, option: string, container: string, isMongo = false): void {
  const [why, fix] =
    option === "NetworkMode"
      ? [
          "the new container is on networks of this stack, where localhost is itself",
          isMongo
            ? "see that no other program of the host uses MongoDB at localhost:27017"
            : "see that no setting of the workspace names localhost or 127.0.0.1 (mail, LDAP, push), and give the host's own name there",
        ]
      : [
          "the new container has no such option",
          `see what it is for: docker inspect --format '{{json .HostConfig.${option}}}' ${container}`,
        ];
  plan.refuse(`option:${option}`, `${option} of ${container}`, why, fix);
}
