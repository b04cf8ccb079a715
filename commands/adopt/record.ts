import { adoptionFile } from "../../inventory/rocketchat";
import type { SettingFields } from "./facts";
import type { Host } from "../../engine/host";

/**
 * What `up` needs to take a workspace over, and what the way back needs. It lies on the host, root's alone, holds no secret, and
 * names the containers by their ids, so that another container of the same name is never taken for one of them.
 */
export interface Adoption {
  stack: string;
  /** `planned`: nothing was touched. `handed over`: the old containers are stopped and renamed. `done`: the new ones answered. */
  state: "planned" | "handed over" | "done";
  chat: OldContainer;
  mongo: OldContainer;
  /** The image of the stack's MongoDB. */
  image: string;
  dataDirectory: string;
  replicaSet: string;
  /** `host:27017`, as the stack calls the member. */
  member: string;
  /** What it was called; undefined: there was no replica set. */
  formerMember?: string;
  /** The copy's directory on the host. */
  copy: string;
  hasEnvFile: boolean;
  /** Rocket.Chat's. */
  database: string;
  /** The settings of Rocket.Chat that the stack decides, as they were. */
  settings: SettingFields[];
  /** Of the directories whose owner the stack changes, as they were. */
  owners: { path: string; owner: string; mode: string }[];
}

export interface OldContainer {
  id: string;
  name: string;
  /** Restart policy. */
  restart: string;
}

export const suffix = "-before-adoption";

/** @param directory The workspace's: `settings.directory`. */
export async function readAdoption(host: Host, directory: string): Promise<Adoption | undefined> {
  const text = await host.read(adoptionFile({ directory }));
  return text === "" ? undefined : (JSON.parse(text) as Adoption);
}

export async function writeAdoption(host: Host, directory: string, adoption: Adoption): Promise<void> {
  await host.script(
    "scripts/host/write-file.sh",
    directory,
    { FILE: adoptionFile({ directory }), OWNER: "0:0", MODE: "0600" },
    { input: `${JSON.stringify(adoption, null, 2)}\n` },
  );
}

export async function removeAdoption(host: Host, directory: string): Promise<void> {
  await host.script("scripts/host/adoption/remove.sh", directory, { PATHS: adoptionFile({ directory }) });
}
