import type { MountFacts } from "./facts";

/** Where a value comes from, for the settings file. */
export const inDatabase = "from the workspace's own settings, in its database";
export const inContainer = (name: string) => `from the container ${name}`;

/** A key of the settings file. `undefined` removes it. */
export interface Setting {
  key: string;
  value: string | number | boolean | undefined;
  /** Where the value comes from; a comment in the file. */
  from: string;
}

/** One row of the report. */
export interface Change {
  what: string;
  now: string;
  then: string;
  why: string;
}

/** Something that would be lost, and that nobody accepted yet. */
export interface Refusal {
  /** `variable:TRANSPORTER`, `mount:/backup`; what `--accept` takes. Undefined where nothing can accept it. */
  accept: string | undefined;
  what: string;
  why: string;
  fix: string;
}

export type DataKey = "mongo.dataDirectory" | "uploads.directory" | "rocketchat.dataDirectory";

/** What becomes of a workspace that was started by hand. */
export class Plan {
  readonly settings: Setting[] = [];
  readonly changes: Change[] = [];
  /** What stays as it is. */
  readonly kept: string[] = [];
  /** What goes without anybody missing it. */
  readonly dropped: { what: string; why: string }[] = [];
  /** What people and other programs notice. */
  readonly notices: string[] = [];
  readonly refusals: Refusal[] = [];
  readonly secrets: { mongoPassword?: string; registrationToken?: string; keyfile?: string } = {};
  /** Mounts of Rocket.Chat that hold what is used. */
  readonly used = new Set<MountFacts>();
  /** Directories of the host with data that are taken over, by the keys that name them. */
  readonly found = new Map<DataKey, string>();

  constructor(private readonly accepted: ReadonlySet<string>) {}

  set(key: string, value: Setting["value"], from: string): void {
    this.settings.push({ key, value, from });
  }

  /** Refuses, unless the operator said that it may go. */
  refuse(accept: string | undefined, what: string, why: string, fix: string): void {
    if (accept !== undefined && this.accepted.has(accept))
      this.dropped.push({ what, why: `you accepted that it goes (${why})` });
    else this.refusals.push({ accept, what, why, fix });
  }
}

export interface PlanOptions {
  prefix: string;
  /** The directories that the stack will have, before this plan. */
  directory: string;
  mongoDirectory: string;
  /** Undefined where somebody else's Traefik is the front door. */
  ingressDirectory: string | undefined;
  /** Given with `--hostname`. */
  hostname: string | undefined;
  rocketchatVersion: string | undefined;
  /** Undefined where somebody else's Traefik is the front door. */
  httpPort: number | undefined;
  httpsPort: number;
  accepted: ReadonlySet<string>;
}
