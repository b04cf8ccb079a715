import { dataInside, uploadsInside } from "../../inventory/rocketchat";
import { OperatorError } from "../../terminal/steps";
import { readRoute, serversIn } from "./front-door";
import type { FilePart, Site } from "./site";

/** What `docker container inspect` says of Rocket.Chat's container. */
export interface Deployed {
  Config: { Image: string };
  Mounts: { Source: string; Destination: string }[];
  NetworkSettings: { Networks: Record<string, { Aliases: string[] | null }> };
}

/**
 * Settings that nobody deployed yet would have a restore put the data where Rocket.Chat does not look, or have a version read them
 * that is not the one that was compared with the snapshot's.
 * @throws OperatorError when the service is not what the settings say.
 */
export async function refuseUndeployed(site: Site): Promise<void> {
  const found = await site.host.try(["container", "inspect", site.chat]);
  if (found.status !== 0 && !isMissing(found.stderr)) throw new OperatorError(found.stderr.trim());
  const [deployed] = found.status === 0 ? (JSON.parse(found.stdout) as Deployed[]) : [];
  const fault = undeployed(site, deployed, await readRoute(site));
  if (fault !== undefined)
    throw new OperatorError(`${fault}\nNothing was changed. Deploy first: ${site.command("up")}`);
}

/** Where Rocket.Chat finds each. */
const insideChat: Record<FilePart, string> = { uploads: uploadsInside, data: dataInside };

/** What differs between the service and its settings; nothing where they agree. */
export function undeployed(
  site: Pick<Site, "chat" | "settings" | "fileDirectories">,
  deployed: Deployed | undefined,
  route: string | undefined,
): string | undefined {
  if (deployed === undefined) return `container ${site.chat}: must be there (got none)`;
  const { image } = site.settings.rocketchat;
  if (deployed.Config.Image !== image)
    return `rocketchat.image: must be what runs (got ${image} in the settings, and ${deployed.Config.Image} in ${site.chat})`;
  for (const [part, path] of Object.entries(site.fileDirectories)) {
    const source = deployed.Mounts.find(
      ({ Destination }) => Destination === insideChat[part as FilePart],
    )?.Source;
    if (source !== path)
      return `directory of the ${part}: must be what runs (got ${path} in the settings, and ${source} in ${site.chat})`;
  }
  const names = Object.values(deployed.NetworkSettings.Networks).flatMap(({ Aliases }) => Aliases ?? []);
  const foreign = route === undefined ? undefined : serversIn(route).find((name) => !names.includes(name));
  return foreign === undefined
    ? undefined
    : `route of ${site.chat}: must lead to its container (got ${foreign}, as an interrupted deployment leaves it)`;
}

/** Whether docker said that there is no such container. */
export function isMissing(stderr: string): boolean {
  return /no such (container|object)/i.test(stderr);
}
