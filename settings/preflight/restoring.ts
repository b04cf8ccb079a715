import { commandFor } from "../command";
import type { Check } from "./check";
import { homeOfBackups } from "./parts";

/** A restore that was interrupted: old and new data may each be half in their places. */
export const restoring: Check = (settings, { places }) => {
  const home = homeOfBackups(settings);
  if (!places.get(home)?.entries.includes("restore.json")) return [];
  return [
    {
      key: "directory",
      rule: "must hold data that are whole",
      value: `got an unfinished restore, ${home}/restore.json`,
      fix: `finish it: ${commandFor(settings.stack, "restore", "--resume")}`,
    },
  ];
};
