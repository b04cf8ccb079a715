import { isDirectory } from "../../settings/names";
import type { Facts } from "./facts";
import type { Plan, PlanOptions } from "./plan";

const within = (inner: string, outer: string) => `${inner}/`.startsWith(`${outer}/`);
const clash = (one: string, other: string) => within(one, other) || within(other, one);

/** What was found stays where it is. What is ours goes to its usual place, or beside it where that would be in the way. */
export function planDirectories(plan: Plan, { chat, mongo }: Facts, options: PlanOptions): void {
  const found = [...plan.found.values()];
  const free = (usual: string, others: string[], isTaken: (path: string) => boolean) => {
    for (let number = 1; ; number++) {
      const path = number === 1 ? usual : `${usual}-stack${number === 2 ? "" : number}`;
      if (!isTaken(path) && !others.some((other) => clash(path, other))) return path;
    }
  };
  // Data may lie in a directory of ours, but neither around it nor among its secrets.
  const holds = (path: string) =>
    found.some(
      (data) => within(path, data) || clash(data, `${path}/secrets`) || clash(data, `${path}/backup`),
    );
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
    "mongo.dataDirectory": `${mongoDirectory}/data`,
    "uploads.directory": `${directory}/uploads`,
    "rocketchat.dataDirectory": `${directory}/data`,
  };
  refuseMixed(plan, chat.name, usual);
  for (const [key, path] of plan.found) {
    const container = key === "mongo.dataDirectory" ? mongo.name : chat.name;
    if (!isDirectory(path)) refusePath(plan, container, path, usual[key]);
    plan.set(key, path === usual[key] ? undefined : path, `a mount of the container ${container}`);
  }
  for (const key of ["uploads.directory", "rocketchat.dataDirectory"] as const) {
    if (plan.found.has(key)) continue;
    const other = key === "uploads.directory" ? "uploaded" : "files";
    const path = isFound(usual[key]) ? free(`${directory}/${other}`, [], isFound) : usual[key];
    if (path !== usual[key]) plan.set(key, path, "our choice: what was found is in the usual place");
  }
}

/** The owner of data is changed with all that lies below: so no other data may. */
function refuseMixed(plan: Plan, chat: string, usual: Record<string, string>): void {
  const [database, ...others] = [...plan.found].sort(([key]) => (key === "mongo.dataDirectory" ? -1 : 1));
  const mixed = others.find(([, path]) => clash(path, database![1]));
  if (mixed === undefined) return;
  const [key, path] = mixed;
  plan.refuse(
    undefined,
    `${path} of ${chat}, which lies in or around ${database![1]}`,
    "each has an owner of its own, and all that lies below",
    `on the server: docker stop ${chat} && mkdir -p ${usual[key]}-moved && cp -a ${path}/. ${usual[key]}-moved, start ${chat} anew as before with ${usual[key]}-moved in place of ${path}, and run this command again`,
  );
}

function refusePath(plan: Plan, container: string, path: string, usual: string): void {
  plan.refuse(
    undefined,
    `the directory ${path} of ${container}`,
    "no setting can hold this path: two levels or more, of letters, digits, dots, - and _",
    `on the server: docker stop ${container} && mkdir -p ${usual} && cp -a '${path}/.' ${usual}, start it as before with ${usual} in place of ${path}, and run this command again`,
  );
}
