import type { CrossCheck } from "./check";
import { containerChecks } from "./containers";
import { directoryChecks } from "./directories";
import { ingressChecks } from "./ingress";
import { jitsiChecks } from "./jitsi";
import { versionChecks } from "./versions";

export const crossChecks: CrossCheck[] = [
  ...versionChecks,
  ...containerChecks,
  ...ingressChecks,
  ...directoryChecks,
  ...jitsiChecks,
];
