import type { EnvFile } from "./env-file";

/** What is there, as it was found. Holds secrets: it is never printed or written as a whole. */
export interface Facts {
  engine: string;
  chat: ContainerFacts;
  mongo: ContainerFacts;
  database: DatabaseFacts;
  /** TCP ports that something on the host listens on: who, where that is known. */
  taken: Map<number, string>;
  /** `.env` in the workspace's directory; undefined where there is none. */
  envFile: EnvFile | undefined;
}

export interface ContainerFacts {
  id: string;
  name: string;
  /** As it was started: `rocketchat/rocket.chat:8.8.1`. */
  image: string;
  /** The names that its image has on the engine: with tags, and with digests where a registry knows it. */
  imageNames: string[];
  imageLabels: Record<string, string>;
  running: boolean;
  restart: string;
  /** What it runs with, wherever that comes from: the image or whoever started it. */
  env: Record<string, string>;
  /** Of those, the ones that the image does not set to the same value. */
  ownEnv: Record<string, string>;
  workingDirectory: string;
  mounts: MountFacts[];
  /** What it runs, where that is not what its image runs by itself. */
  command: string[] | undefined;
  ports: { container: number; protocol: string; host: string }[];
  /** As docker inspect has it: `host`, `container:ID`, or the name of a network. */
  networkMode: string;
  networks: NetworkFacts[];
  links: LinkFacts[];
  /** Names that were given with `--add-host`, in lower case, and their addresses or `host-gateway`. */
  extraHosts: Record<string, string>;
  /** Labels that its image does not have. */
  labels: Record<string, string>;
  /** Bytes; 0: no limit. */
  memory: number;
  /** Options of `docker run` that change what it may do or reach, as docker inspect names them. */
  special: string[];
}

export interface MountFacts {
  type: string;
  /** Path on the host. */
  source: string;
  /** Of a volume. */
  volume?: string;
  /** Path in the container. */
  destination: string;
}

export interface NetworkFacts {
  name: string;
  /** The names under which others find it there, its own included. */
  names: string[];
  /** The host's address on it. */
  gateway?: string;
  /** Other containers on it. */
  others: string[];
}

/** `docker run --link`. */
export interface LinkFacts {
  /** Name of the container that it leads to. */
  target: string;
  /** What it is called by, in lower case. */
  name: string;
}

export interface DatabaseFacts {
  auth: boolean;
  version: string;
  compatibility: string;
  options: Record<string, unknown>;
  set?: { name: string; members: string[] };
  oplogMib?: number;
  databases: { name: string; bytes: number }[];
  users: { user: string; db: string; roles: string[] }[];
  chat: ChatFacts;
  /** The key file's text, where there is one. */
  keyfile?: string;
  /** Logs in as an administrator; undefined where MongoDB asks nobody. */
  administrator?: Login;
}

export interface ChatFacts {
  settings: Record<string, string | number | boolean>;
  /** The same, with what Rocket.Chat remembers of where a value came from. */
  settingFields: SettingFields[];
  settingIds: string[];
  /** The oldest first. */
  admins: { username?: string; name?: string }[];
  /** How many files each store has: `GridFS`, `FileSystem`, `AmazonS3` … */
  stores: Record<string, number>;
  emoji: number;
  sounds: number;
}

/** A setting of Rocket.Chat as its database has it. */
export interface SettingFields {
  id: string;
  fields: {
    value?: string | number | boolean;
    valueSource?: string;
    processEnvValue?: string | number | boolean;
  };
}

export interface Login {
  user: string;
  password: string;
  authSource: string;
}
