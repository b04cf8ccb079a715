import { got } from "../settings/problems";
import type { Check } from "./check";

/** Mounted into the backup's container. Docker makes a directory of what is missing, and the host has no time zone from then on. */
export const hostClock = "/etc/localtime";

export const hostTime: Check = ({ backup }, { places }) => {
  const place = places.get(hostClock);
  if (backup === undefined || place === undefined || place.kind === "file") return [];
  return [
    {
      key: "backup.time",
      rule: `is by the clock of the engine's host, where ${hostClock} must be a file`,
      value: got(place.kind),
      fix: `on the host: ${place.kind === "directory" ? `rmdir ${hostClock}; ` : ""}ln -s /usr/share/zoneinfo/Etc/UTC ${hostClock}`,
    },
  ];
};
