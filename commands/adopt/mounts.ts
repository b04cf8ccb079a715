import { posix } from "node:path";
import type { ContainerFacts, MountFacts } from "./facts";
import { isWithin } from "../../settings/within";

/** How data come out of a volume or a container's own file system into a directory of the host. */
export function moveOf(directory: string, path: string, container: string): string {
  return (
    `on the server: docker stop ${container} && mkdir -p ${directory} && docker cp -a ${container}:${path}/. ${directory}, ` +
    `start ${container} anew as before with --volume ${directory}:${path} in place of what it has there, and run this command again`
  );
}

/**
 * A path of Rocket.Chat's settings as the server resolves it: a relative one begins in `programs/server` below its working
 * directory, where Meteor's main.js goes first. Empty for none.
 */
export function serverPath({ workingDirectory }: ContainerFacts, path: string): string {
  return path === "" ? "" : posix.resolve(workingDirectory, "programs/server", path);
}

/** The mount that a path in the container lies on. */
export function mountOf(mounts: MountFacts[], path: string): MountFacts | undefined {
  return mounts
    .filter(({ destination }) => isWithin(path, destination))
    .sort((a, b) => b.destination.length - a.destination.length)[0];
}

export function hostPath(mount: MountFacts, path: string): string {
  return posix.join(mount.source, posix.relative(mount.destination, path)).replace(/\/$/, "");
}
