import { dirname, join } from "node:path";
import { parseSettings } from "../../settings/parse";
import type { PlainSettings } from "../../settings/resolve";
import type { Stack } from "./stack";
import { capture, OperatorError, say, step } from "./steps";

/** What a stack keeps on its host. */
export interface DataDirectories {
  engine: string;
  helperImage: string;
  /** Absolute paths of what the stack made. */
  paths: string[];
  /** The directories above them, removed only when nothing else is in them. */
  parents: string[];
}

interface ConfigValue {
  value?: string;
  secret: boolean;
}

/**
 * A stack's settings as the program reads them, without its secrets.
 * @throws RunError that lists every fault in them.
 */
export async function settingsOf(stack: Stack): Promise<PlainSettings> {
  const answer = await capture({
    command: "pulumi",
    args: ["config", "--json", ...stack.configArgs],
    env: stack.env,
  });
  if (answer.status !== 0)
    throw new OperatorError(
      `${answer.stderr.trim()}\npulumi config: failed (status ${answer.status}); mend what it says`,
    );
  const values = Object.entries(JSON.parse(answer.stdout) as Record<string, ConfigValue>).filter(
    ([key, { secret }]) => key.startsWith("rocketchat:") && !secret,
  );
  return parseSettings({
    stack: stack.name,
    config: Object.fromEntries(
      values.map(([key, { value }]) => [key.slice("rocketchat:".length), value ?? ""]),
    ),
    secretKeys: new Set(),
  });
}

export async function dataDirectories(stack: Stack): Promise<DataDirectories> {
  const settings = await settingsOf(stack);
  const { directory, mongo, ingress, rocketchat, uploads } = settings;
  const paths = [
    ...[uploads.directory, rocketchat.dataDirectory, mongo.dataDirectory],
    ...["secrets", ".env"].map((part) => join(directory, part)),
    join(mongo.directory, "secrets"),
    ...["acme", "dynamic", "test-ca"].map((part) => join(ingress.directory, part)),
  ];
  return {
    engine: settings.engine,
    helperImage: settings.helperImage,
    paths,
    parents: [...new Set(paths.map(dirname))],
  };
}

/** Removes them from the host, and nothing beside them. */
export async function deleteData(data: DataDirectories, env: NodeJS.ProcessEnv): Promise<void> {
  for (const parent of data.parents) {
    const kept = await step({
      title: `removing ${parent}`,
      log: "delete-data",
      command: "sh",
      args: ["ops/host/helper.sh", "ops/host/delete-data.sh"],
      env: {
        ...env,
        DOCKER_HOST: data.engine,
        HELPER_IMAGE: data.helperImage,
        MOUNT: dirname(parent),
        PASS: "PARENT PATHS",
        PARENT: parent,
        PATHS: data.paths.filter((path) => dirname(path) === parent).join(" "),
      },
      fix: "mend what it says, then run the command again",
    });
    if (kept !== "") say(`  ${kept.trim()}`);
  }
}
