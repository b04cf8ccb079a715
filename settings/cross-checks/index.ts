import type { CrossCheck } from "./check";
import { accountChecks } from "./accounts";
import { containerChecks } from "./containers";
import { directoryChecks } from "./directories";
import { ingressChecks } from "./ingress";
import { jitsiChecks } from "./jitsi";
import { systemDirectoryChecks } from "./system-directories";
import { versionChecks } from "./versions";

export const crossChecks: CrossCheck[] = [
  ...accountChecks,
  ...versionChecks,
  ...containerChecks,
  ...ingressChecks,
  ...directoryChecks,
  ...systemDirectoryChecks,
  ...jitsiChecks,
];
