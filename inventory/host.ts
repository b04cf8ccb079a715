import type { PlainSettings } from "../settings/schema";
import type { Directory, Part } from "./part";

type Stack = Pick<PlainSettings, "prefix" | "stack">;

/** Root's, on the host: apart from all directories of the settings, where no setting moves it. */
export const notesDirectory = "/var/lib/rocketchat-places";

/** Where the host remembers this stack's directories for the next deployment. */
export function noteOfPlaces(stack: Stack): string {
  return noteFile(stack, "");
}

/** Where it remembers which database Rocket.Chat ran on last. */
export function noteOfDatabase(stack: Stack): string {
  return noteFile(stack, ".database");
}

function noteFile({ prefix, stack }: Stack, kind: string): string {
  return `${notesDirectory}/${stack}.${prefix}rocketchat${kind}.tsv`;
}

/** The last one to be removed is the last one here: as long as any data are left, the host knows where. */
export function notesOf(stack: Stack): string[] {
  return [noteOfDatabase(stack), noteOfPlaces(stack)];
}

/** What no container needs, and every deployment does: the shell that prepares the host, and the host's notes. */
export function hostPart(settings: PlainSettings): Part {
  return {
    role: "host",
    images: [{ key: "helperImage", name: settings.helperImage, mebibytes: 16 }],
    networks: [],
    directories: notesOf(settings).map((path): Directory => ({
      role: "note",
      path,
      holds: "configuration",
      made: true,
    })),
  };
}
