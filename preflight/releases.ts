import { brokenKernels, compared, isWithin, knownOf } from "../settings/known-releases";
import { got, type Problem, setCommand } from "../settings/problems";
import type { Check } from "./check";
import { ownMongo, ownTraefik } from "../settings/own-servers";

/** Releases that are unwise, and kernels that MongoDB cannot run on. What cannot work at all the settings refuse. */
export const releases: Check = (settings, { engine, kernel }) => {
  const [mongo, traefik] = [ownMongo(settings), ownTraefik(settings)];
  return [
    ...(traefik === undefined ? [] : unwise("ingress.version", "traefik", traefik.version, "3.7.15")),
    ...(mongo === undefined ? [] : unwise("mongo.version", "mongo", mongo.version, "8.0.32")),
    ...(mongo === undefined || engine.os !== "linux" ? [] : kernelFaults(mongo.version, kernel)),
  ];
};

function unwise(key: string, of: "traefik" | "mongo", version: string, better: string): Problem[] {
  const [known] = knownOf(of, version).filter(({ verdict }) => verdict === "unwise");
  if (known === undefined) return [];
  return [
    {
      key,
      advice: true,
      value: got(version),
      rule: `should not be a release that ${known.why}`,
      fix: `raise it: ${setCommand(key, better)} (${known.source})`,
    },
  ];
}

function kernelFaults(version: string, kernel: string): Problem[] {
  if (kernel === "" || compared(version, "8.0.0") < 0 || !isWithin(kernel, brokenKernels)) return [];
  const stops = compared(version, brokenKernels.mongoStopsFrom) >= 0;
  return [
    {
      key: "mongo.version",
      advice: !stops,
      rule: `${stops ? "does not start" : "may crash"} on a Linux kernel from ${brokenKernels.from} to before ${brokenKernels.below}`,
      value: `got ${version} on ${kernel}`,
      fix: `update that host's kernel to ${brokenKernels.below} or later, or boot one before ${brokenKernels.from}`,
    },
  ];
}
