import type { PlainSettings } from "../../settings/resolve";
import { OperatorError } from "../lib/steps";
import type { Host } from "./host";
import type { Adoption } from "./record";
import { withMongod } from "./throw-away-mongod";

/**
 * Gives the one member its name, and makes root with the password that the host keeps. On a mongod of its own without a login,
 * so that no client sees it half done and MongoDB's administrator is not needed. Repeatable.
 */
export async function prepareData(
  host: Host,
  settings: PlainSettings,
  adoption: Adoption,
  member: string,
): Promise<void> {
  const { dataDirectory, image, replicaSet, formerMember } = adoption;
  await host.script(
    "ops/host/directory.sh",
    dataDirectory,
    { DIRECTORY: dataDirectory, MODE: "0750" },
    { owner: { image, user: "mongodb" } },
  );
  const rootPassword = await readSecret(host, settings.mongo.directory, "root-password");
  const names = [adoption.member, ...(formerMember === undefined ? [] : [formerMember])];
  const name = `${settings.prefix}adoption-mongod`;
  const run = {
    ...{ name, image, user: "mongodb" },
    hosts: [...new Set(names.map((text) => text.split(":")[0]!))].filter((text) => text !== "localhost"),
    volumes: [`${dataDirectory}:/data/db`],
    args: ["--replSet", replicaSet, "--bind_ip_all"],
  };
  await withMongod(host, run, async () => {
    const done = await host.mongosh(
      "ops/mongo/adopt.js",
      name,
      { REPLICA_SET: replicaSet, MEMBER: member },
      { rootPassword },
    );
    if (done.status !== 0)
      throw new OperatorError(
        `${done.stderr.trim()}\n${dataDirectory}: must be data that MongoDB can take over (status ${done.status}); mend what it says and run the command again`,
      );
  });
}

export async function readSecret(host: Host, directory: string, name: string): Promise<string> {
  return host.script("ops/host/adoption/read-file.sh", directory, { FILE: `${directory}/secrets/${name}` });
}
