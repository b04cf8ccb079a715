import { mongoSecrets } from "../../inventory/mongo";
import { throwAwayNames } from "../../inventory/throw-away";
import { OperatorError } from "../../terminal/steps";
import type { Host } from "../../engine/host";
import type { Managed } from "./managed";
import type { Adoption } from "./record";
import { withMongod } from "./throw-away-mongod";

/**
 * Gives the one member its name, and makes root with the password that the host keeps. On a mongod of its own without a login,
 * so that no client sees it half done and MongoDB's administrator is not needed. Repeatable.
 */
export async function prepareData(host: Host, settings: Managed, adoption: Adoption): Promise<void> {
  const { dataDirectory, image, member, replicaSet } = adoption;
  await host.script(
    "scripts/host/directory.sh",
    dataDirectory,
    { DIRECTORY: dataDirectory, MODE: "0750" },
    { owner: { image, user: "mongodb" } },
  );
  const rootPassword = await readSecret(host, mongoSecrets(settings.mongo), "root-password");
  await onData(host, settings, adoption, ["--replSet", replicaSet, "--bind_ip_all"], {
    script: "scripts/mongo/adopt.js",
    variables: { REPLICA_SET: replicaSet, MEMBER: member },
    input: { rootPassword },
  });
}

/**
 * Gives the member its former name, and Rocket.Chat the settings that it had: the stack forced some, such as the path of the
 * uploads, and the old container would look there in vain. Repeatable.
 */
export async function restoreData(host: Host, settings: Managed, adoption: Adoption): Promise<void> {
  await prepareData(host, settings, adoption); // whole and well ended, also after a crash
  await onData(host, settings, adoption, ["--bind_ip_all"], {
    script: "scripts/mongo/go-back.js",
    variables: {
      DATABASE: adoption.database,
      REPLICA_SET: adoption.replicaSet,
      MEMBER: adoption.formerMember ?? "",
    },
    input: adoption.settings,
  });
}

async function onData(
  host: Host,
  settings: Managed,
  { dataDirectory, image, member }: Adoption,
  args: string[],
  run: { script: string; variables: Record<string, string>; input: unknown },
): Promise<void> {
  const name = throwAwayNames(settings).adoptionMongod;
  const mongod = {
    name,
    image,
    args,
    user: "mongodb",
    hosts: [member.split(":")[0]!],
    volumes: [`${dataDirectory}:/data/db`],
  };
  await withMongod(host, mongod, async () => {
    const done = await host.mongosh(run.script, name, run.variables, run.input);
    if (done.status !== 0)
      throw new OperatorError(
        `${done.stderr.trim()}\n${dataDirectory}: must be data that MongoDB can take over (status ${done.status}); mend what it says and run the command again`,
      );
  });
}

/** @param directory That of the secrets. */
export async function readSecret(host: Host, directory: string, name: string): Promise<string> {
  return host.read(`${directory}/${name}`);
}
