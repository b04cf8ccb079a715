/** Of every container and network of a stack: whose it is. */
export const stackLabel = "rocketchat.stack";

/** Of a throw-away container: whose work it does, so that the next deployment can end what a killed one left (`scripts/host/throw-away.sh`). */
export const deploymentLabel = "rocketchat.deployment";

/** Of the container in which a restore or a drill works: whose it is, as JSON. */
export const restoreLabel = "rocketchat.restore";

/** An option of `docker run`. */
export function labelled(label: string, value: string): string {
  return `--label=${label}=${value}`;
}

/** An option of `docker ps` and `docker network ls`. */
export function withLabel(label: string, value: string): string {
  return `--filter=label=${label}=${value}`;
}
