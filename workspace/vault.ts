import { Host } from "../engine/host";
import type { Vault } from "./session";

/** The directory of Rocket.Chat's secrets on the engine's host, root's alone. */
export function hostVault(engine: string, helperImage: string, directory: string): Vault {
  const host = new Host(engine, helperImage, process.env);
  const at = (name: string) => `${directory}/${name}`;
  return {
    read: async (name) => {
      const content = await host.script("scripts/host/read-file.sh", directory, { FILE: at(name) });
      return content === "" ? undefined : content;
    },
    write: async (name, value) => {
      await host.script(
        "scripts/host/write-file.sh",
        directory,
        { FILE: at(name), MODE: "0400", OWNER: "0:0" },
        { input: value },
      );
    },
    promote: async (name, generation) => {
      const variables = { DIRECTORY: directory, NAME: name, GENERATION: String(generation) };
      await host.script("scripts/host/promote-secret.sh", directory, variables);
    },
  };
}
