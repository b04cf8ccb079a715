import { setCommand } from "../settings/problems";
import type { Check } from "./check";
import { realPath } from "./host-facts";

/**
 * Uploads and other files that lie in the workspace's directory are no link in there: backups and restores have that directory mounted as
 * a whole, where such a link leads nowhere, and follow none (docs/decisions/0015).
 */
export const links: Check = ({ directory, uploads, rocketchat }, { places }) =>
  [
    { key: "uploads.directory", path: uploads.directory },
    { key: "rocketchat.dataDirectory", path: rocketchat.dataDirectory },
  ].flatMap(({ key, path }) => {
    const [home, real] = [realPath(places.get(directory)), realPath(places.get(path))];
    const isBelow = path.startsWith(`${directory}/`);
    if (!isBelow || home === undefined || real === undefined) return [];
    if (real === home + path.slice(directory.length)) return [];
    return [
      {
        key,
        rule: "must be no link in the workspace's directory, or backups and restores do not find what it leads to",
        value: `got ${path}, which leads to ${real}`,
        fix: `name that: ${setCommand(key, real)}`,
      },
    ];
  });
