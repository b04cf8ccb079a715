import { commandFor } from "../../settings/command";
import { backupHome, backupName } from "../../inventory/backup";
import { mongoNetwork } from "../../inventory/mongo";
import { workspaceName } from "../../inventory/rocketchat";
import { throwAwayNames } from "../../inventory/throw-away";
import { frontNetwork } from "../../inventory/traefik";
import type { PlainSettings } from "../../settings/schema";
import { Host } from "../../engine/host";
import { marked } from "../state/leftovers";
import type { Stack } from "../stack/stack";
import { OperatorError } from "../../terminal/steps";

/** A workspace whose data are put back: its stack, its host, and the names of what takes part. */
export class Site {
  readonly host: Host;
  /** Rocket.Chat's container. */
  readonly chat: string;
  /** The container of the component Backup. */
  readonly backup: string;
  /** The throw-away container that does the work. */
  readonly worker: string;
  /** The throw-away container that answers instead of Rocket.Chat. */
  readonly maintenance: string;
  /** Where the component Backup keeps its things on the host. */
  readonly backupDirectory: string;
  /** Network of the database. */
  readonly dataNetwork: string;
  /** Network of the front door. */
  readonly edgeNetwork: string;

  constructor(
    readonly stack: Stack,
    readonly settings: PlainSettings,
  ) {
    const { engine, helperImage } = settings;
    this.host = new Host(engine, helperImage, marked(stack));
    const names = throwAwayNames(settings);
    this.chat = workspaceName(settings);
    this.backup = backupName(settings);
    this.worker = names.restore;
    this.maintenance = names.maintenance;
    this.backupDirectory = backupHome(settings);
    this.dataNetwork = mongoNetwork(settings).name;
    this.edgeNetwork = frontNetwork(settings).name;
  }

  /** Where the snapshots are. */
  get repository(): string {
    const { backup } = this.settings;
    if (backup === undefined)
      throw new OperatorError("backup: must be set for this command (got nothing); see docs/backup.md");
    return backup.repository;
  }

  /** Directories of files that a snapshot holds, by the part's name. */
  get fileDirectories(): Record<FilePart, string> {
    return { uploads: this.settings.uploads.directory, data: this.settings.rocketchat.dataDirectory };
  }

  /** A command of this project, for this stack. */
  command(script: string, ...args: string[]): string {
    return commandFor(this.stack.name, script, ...args);
  }
}

export type FilePart = "uploads" | "data";
export type Part = "database" | FilePart;
export const everyPart: Part[] = ["database", "uploads", "data"];

export function isFilePart(part: Part): part is FilePart {
  return part !== "database";
}
