import { dirname, join } from "node:path";
import { parseSettings } from "../../settings/parse";
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
  /** The database is on a MongoDB of others, where it stays. */
  databaseStays: boolean;
}

interface ConfigValue {
  value?: string;
  secret: boolean;
}

export async function dataDirectories(stack: Stack): Promise<DataDirectories> {
  const answer = await capture({
    command: "pulumi",
    args: ["config", "--json", ...stack.configArgs],
    env: stack.env,
  });
  if (answer.status !== 0)
    throw new OperatorError(
      `${answer.stderr.trim()}\npulumi config: failed (status ${answer.status}); mend what it says`,
    );
  const values = Object.entries(JSON.parse(answer.stdout) as Record<string, ConfigValue>)
    .filter(([key]) => key.startsWith("rocketchat:"))
    .map(([key, value]) => ({ key: key.slice("rocketchat:".length), ...value }));
  const settings = parseSettings({
    stack: stack.name,
    config: Object.fromEntries(values.map(({ key, value }) => [key, value ?? "stays unread"])),
    secretKeys: new Set(values.filter(({ secret }) => secret).map(({ key }) => key)),
  });
  const { directory, mongo, ingress } = settings;
  return {
    engine: settings.engine,
    helperImage: settings.helperImage,
    databaseStays: mongo.mode === "existing",
    paths: [
      ...["uploads", "data", "secrets", ".env"].map((part) => join(directory, part)),
      ...(mongo.mode === "managed" ? ["data", "secrets"].map((part) => join(mongo.directory, part)) : []),
      ...(ingress.mode === "managed"
        ? ["acme", "dynamic", "test-ca"].map((part) => join(ingress.directory, part))
        : []),
    ],
    parents: [
      directory,
      ...(mongo.mode === "managed" ? [mongo.directory] : []),
      ...(ingress.mode === "managed" ? [ingress.directory] : []),
    ],
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
