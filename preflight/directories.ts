import { type InventoriedHome, inventoryOf } from "../inventory";
import { commandFor } from "../settings/command";
import type { Problem } from "../settings/problems";
import { setCommand } from "../settings/problems";
import type { Check } from "./check";
import type { HostFacts, Place } from "./host-facts";

/** Directories that hold something which this project did not put there: it would change owners, or run on foreign data. */
export const directories: Check = (settings, host) =>
  inventoryOf(settings).homes.flatMap((home) => faults(settings.stack, home, host));

function faults(stack: string, home: InventoriedHome, { places }: HostFacts): Problem[] {
  const elsewhere = `set another one: ${setCommand(home.key, `${home.path}-2`)}`;
  const file = [home.path, ...home.contents.filter((path) => !path.endsWith("/.env"))].find(
    (path) => places.get(path)?.kind === "file",
  );
  if (file !== undefined) {
    return [
      {
        key: home.key,
        rule: "must be a directory",
        value: `got a file, ${file}`,
        fix: `move it away, or ${elsewhere}`,
      },
    ];
  }
  if (places.get(home.proofIn)?.entries.some(home.proof)) return [];

  return home.contents.flatMap((path) => {
    const foreign = contentOf(path, places.get(path)).filter((name) => !home.early(name));
    if (foreign.length === 0) return [];
    const adopt =
      home.key === "ingress.directory"
        ? ""
        : `${commandFor(stack, "adopt")} takes over a workspace that was started by hand; else `;
    return [
      {
        key: home.key,
        rule: "must hold nothing, or what this project put there",
        value: `got ${path} with ${foreign[0]}${foreign.length === 1 ? "" : " and more"}, and no ${home.proofText}`,
        fix: `${adopt}move it away, or ${elsewhere}`,
      },
    ];
  });
}

/** Names in a directory, or the file itself. What a file system makes for itself is nobody's. */
function contentOf(path: string, place: Place | undefined): string[] {
  if (place === undefined || place.kind === "missing") return [];
  if (place.kind === "file") return [path.slice(path.lastIndexOf("/") + 1)];
  return place.entries.filter((name) => name !== "lost+found").sort();
}
