import type { Check } from "./check";

/** Since 20.10 a container may listen on ports below 1024 without a capability, as Traefik does. */
const oldest = [20, 10] as const;

export const version: Check = (_settings, { engine }) => {
  const [major = 0, minor = 0] = engine.version.split(".").map(Number);
  const tooOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  return [
    ...(tooOld
      ? [
          {
            key: "engine",
            rule: `must run Docker ${oldest.join(".")} or later, which lets Traefik listen below 1024 without a capability`,
            value: `got ${engine.version}`,
            fix: "update Docker on that host",
          },
        ]
      : []),
    ...(engine.os === "linux"
      ? []
      : [
          {
            key: "engine",
            rule: "must run Linux containers",
            value: `got ${engine.os}`,
            fix: "use an engine on Linux, or switch that one to Linux containers",
          },
        ]),
  ];
};
