import { posix } from "node:path";
import { backupHome } from "../../inventory/backup";
import { mongoSecrets, standardMongoData } from "../../inventory/mongo";
import { chatSecrets, standardData, standardUploads } from "../../inventory/rocketchat";
import { systemDirectoryAt } from "../../settings/cross-checks/system-directories";
import { isDirectory } from "../../settings/names";
import type { Facts } from "./facts";
import type { DataKey, Plan, PlanOptions } from "./plan";
import { isWithin } from "../../settings/within";

const clash = (one: string, other: string) => isWithin(one, other) || isWithin(other, one);

/** What a directory of the workspace or of MongoDB holds of this program's own. */
const ownOf = (directory: string) => [
  chatSecrets({ directory }),
  mongoSecrets({ directory }),
  backupHome({ directory }),
];

/** What was found stays where it is. What is ours goes to its usual place, or beside it where that would be in the way. */
export function planDirectories(plan: Plan, { chat, mongo }: Facts, options: PlanOptions): void {
  const found = [...plan.found.values()].filter(isDirectory);
  const free = (usual: string, others: string[], isTaken: (path: string) => boolean) =>
    // The last one where what was found is around all of the others.
    [usual, `${usual}-stack`, `${usual}-stack2`, `/var/lib/${posix.basename(usual)}-stack`].find(
      (path) => !isTaken(path) && !others.some((other) => clash(path, other)),
    ) ?? usual;
  // Data may lie in a directory of ours, but neither around it nor among its secrets.
  const holds = (path: string) =>
    found.some((data) => isWithin(path, data) || ownOf(path).some((own) => clash(data, own)));
  const isFound = (path: string) => found.some((data) => clash(path, data));

  const directory = free(options.directory, [], holds);
  const mongoDirectory = free(options.mongoDirectory, [directory], holds);
  const ingressDirectory = options.ingressDirectory;
  const ours: [string, string, string][] = [
    ["directory", options.directory, directory],
    ["mongo.directory", options.mongoDirectory, mongoDirectory],
    ...(ingressDirectory === undefined
      ? []
      : ([
          [
            "ingress.directory",
            ingressDirectory,
            free(ingressDirectory, [directory, mongoDirectory], isFound),
          ],
        ] as [string, string, string][])),
  ];
  for (const [key, usual, path] of ours)
    if (path !== usual) plan.set(key, path, "our choice: what was found is in the usual place");

  const usual = {
    "mongo.dataDirectory": standardMongoData({ directory: mongoDirectory }),
    "uploads.directory": standardUploads({ directory }),
    "rocketchat.dataDirectory": standardData({ directory }),
  };
  const nameOf = (key: DataKey) => (key === "mongo.dataDirectory" ? mongo.name : chat.name);
  refuseMixed(plan, nameOf, usual);
  for (const [key, path] of plan.found) {
    const container = nameOf(key);
    const why = whyNot(path);
    if (why !== undefined) refusePath(plan, container, path, usual[key], why);
    plan.set(key, path === usual[key] ? undefined : path, `a mount of the container ${container}`);
  }
  for (const key of ["uploads.directory", "rocketchat.dataDirectory"] as const) {
    if (plan.found.has(key)) continue;
    const other = key === "uploads.directory" ? "uploaded" : "files";
    const path = isFound(usual[key]) ? free(`${directory}/${other}`, [], isFound) : usual[key];
    if (path !== usual[key]) plan.set(key, path, "our choice: what was found is in the usual place");
  }
}

/** The owner of data is changed with all that lies below: so no other data may. The inner one moves. */
function refuseMixed(plan: Plan, nameOf: (key: DataKey) => string, usual: Record<DataKey, string>): void {
  const found = [...plan.found];
  for (const [key, path] of found) {
    const outer = found.find(([other, around]) => other !== key && isWithin(path, around));
    if (outer === undefined || (outer[1] === path && key === "mongo.dataDirectory")) continue;
    const directory = `${usual[key]}-moved`;
    plan.refuse(
      undefined,
      `${path} of ${nameOf(key)}, which lies in ${outer[1]} of ${nameOf(outer[0])}`,
      "each has an owner of its own, with all that lies below",
      `on the server: docker stop ${nameOf(key)} && mkdir -p ${directory} && cp -a '${path}/.' ${directory}, start it anew as before with ${directory} in place of ${path}, and run this command again`,
    );
  }
}

/** Why the settings refuse a path, so that the data must move before. */
function whyNot(path: string): string | undefined {
  if (!isDirectory(path))
    return "no setting can hold this path: two levels or more, of letters, digits, dots, - and _";
  const system = systemDirectoryAt(path);
  return system === undefined
    ? undefined
    : `data must lie in a directory of the service alone, not in or around the system's ${system}`;
}

function refusePath(plan: Plan, container: string, path: string, usual: string, why: string): void {
  // Nothing is copied into itself.
  const places = [
    usual,
    ...["/srv", "/var/lib"].map((place) => posix.join(place, usual.split("/").slice(2).join("/"))),
  ];
  const target = places.find((place) => !isWithin(place, path)) ?? usual;
  plan.refuse(
    undefined,
    `the directory ${path} of ${container}`,
    why,
    `on the server: docker stop ${container} && mkdir -p ${target} && cp -a '${path}/.' ${target}, start it anew as before with ${target} in place of ${path}, and run this command again`,
  );
}
