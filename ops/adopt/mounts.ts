import { posix } from "node:path";
import type { MountFacts } from "./facts";

/** How data come out of a volume or a container's own file system into a directory of the host. */
export function moveOf(directory: string, path: string, container: string): string {
  return (
    `stop what writes there, mkdir -p ${directory} && docker cp -a ${container}:${path}/. ${directory}, ` +
    `start the container anew with --volume ${directory}:${path}, and run this command again`
  );
}

/** The mount that a path in the container lies on. */
export function mountOf(mounts: MountFacts[], path: string): MountFacts | undefined {
  return mounts
    .filter(({ destination }) => path === destination || path.startsWith(`${destination}/`))
    .sort((a, b) => b.destination.length - a.destination.length)[0];
}

export function hostPath(mount: MountFacts, path: string): string {
  return posix.join(mount.source, posix.relative(mount.destination, path)).replace(/\/$/, "");
}
