import { deploymentLabel, labelled } from "./labels";

/** Options of `docker run`, as `scripts/host/throw-away.sh` has them for scripts: no right, and none to be had. */
export const unprivileged = ["--cap-drop=ALL", "--security-opt=no-new-privileges"];

/** Besides, nothing is written but where something is mounted. */
export const sealed = [...unprivileged, "--read-only"];

/** The engine keeps nothing of what it says. */
export const unlogged = "--log-driver=none";

/** A run that leaves nothing, also when this process is killed: the next deployment ends it. */
export const throwAway = [
  "run",
  "--rm",
  unlogged,
  ...sealed,
  labelled(deploymentLabel, process.env["ROCKETCHAT_DEPLOYMENT"] ?? ""),
];

/** Rights that an unprivileged container has all the same. */
export function capable(...capabilities: string[]): string[] {
  return capabilities.map((capability) => `--cap-add=${capability}`);
}

/**
 * For a throw-away container whose image starts as root, gives the data to its own user and becomes that one, as MongoDB's does: no right
 * but those.
 */
export const becomesItsUser = [
  ...unprivileged,
  ...capable("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"),
];
