import { hostname, userInfo } from "node:os";
import { backupHome, backupName } from "../../inventory/backup";
import { Client } from "../../engine/client";
import type { BackupSettings } from "../../settings/backup";
import { commandFor } from "../../settings/command";
import type { PlainSettings } from "../../settings/schema";
import { settingsOf } from "../stack/settings-of";
import { presentStack } from "../stack/present-stack";
import type { Stack } from "../stack/stack";
import { OperatorError } from "../../terminal/steps";

/** A stack whose settings ask for backups. */
export interface BackedUp {
  stack: Stack;
  settings: PlainSettings & { backup: BackupSettings };
  /** The container that makes them. */
  container: string;
  /** Directory on the host with what is known of them. */
  home: string;
}

/** @throws OperatorError when the stack is not there, or makes no backups. */
export async function backedUp(name: string): Promise<BackedUp> {
  const stack = await presentStack(name);
  const settings = await settingsOf(stack);
  const { backup } = settings;
  if (backup === undefined) {
    throw new OperatorError(
      `backup: must be set for this command (got nothing); pulumi config set --path 'rocketchat:backup.repository' /var/backups/rocketchat, then ${commandFor(name, "up")}`,
    );
  }
  return {
    stack,
    settings: { ...settings, backup },
    container: backupName(settings),
    home: backupHome(settings),
  };
}

/** Runs one of its scripts in the container, with the operator's terminal. Answers its status. */
export async function inContainer(
  { stack, settings, container }: BackedUp,
  script: string,
  ...args: string[]
) {
  const docker = new Client(settings.engine, stack.env);
  const running = await docker.try(["container", "inspect", "--format", "{{.State.Running}}", container]);
  if (running.stdout.trim() !== "true") {
    const found = running.stderr.includes("No such container")
      ? "none"
      : running.stderr.trim() || "one that is stopped";
    throw new OperatorError(
      `container ${container}: must be running (got ${found}); ${commandFor(stack.name, "up")} makes it, docker start ${container} starts it`,
    );
  }
  return docker.attended(["exec", container, "bash", `/backup/scripts/${script}`, ...args]);
}

/** Who asks, for whoever comes meanwhile. */
export function who(command: string): string {
  return `${command} of ${userInfo().username}@${hostname()}`;
}
